import { DsvError } from '@dsv/store'

/** `DSV_REMOTE_URL_INVALID`: a URL of a remote has a scheme or a form that is not known. */
export function remoteUrlInvalid(url: string, problem: string): DsvError<'DSV_REMOTE_URL_INVALID'> {
  return new DsvError('DSV_REMOTE_URL_INVALID', `${url} is no address of a remote: ${problem}`, {
    details: { url, problem },
    hint: 'Give a folder, or a URL that begins with s3://, http://, https://, sftp:// or azure://.',
  })
}
