import { DsvError } from '@dsv/store'

/** `DSV_REMOTE_URL_INVALID`: a URL of a remote has a scheme or a form that is not known. */
export function remoteUrlInvalid(url: string, problem: string): DsvError<'DSV_REMOTE_URL_INVALID'> {
  return new DsvError('DSV_REMOTE_URL_INVALID', `${url} is no address of a remote: ${problem}`, {
    details: { url, problem },
    hint: 'Give a folder, or a URL that begins with s3://, http://, https://, sftp:// or azure://.',
  })
}

/** `DSV_REMOTE_STALLED`: a server sent or took next to nothing for too long. */
export function remoteStalled(location: string, windowMs: number): DsvError<'DSV_REMOTE_STALLED'> {
  const message = `${location} moved next to nothing for ${windowMs / 1000} seconds`
  return new DsvError('DSV_REMOTE_STALLED', message, {
    details: { location, windowMs },
    hint: 'Check the connection and run the command again; it continues where it was.',
  })
}

/** `DSV_REMOTE_OPTION_INVALID`: an option of a remote is not known, or has a value it cannot have. */
export function remoteOptionInvalid(
  location: string,
  option: string,
  problem: string,
): DsvError<'DSV_REMOTE_OPTION_INVALID'> {
  const message = `The option ${option} of ${location} ${problem}`
  return new DsvError('DSV_REMOTE_OPTION_INVALID', message, {
    details: { location, option, problem },
    hint: 'The options of each kind of remote are in docs/remotes.md.',
  })
}
