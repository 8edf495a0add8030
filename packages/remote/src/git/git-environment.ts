/**
 * Returns the environment without the Git token when an address may not have it. `DSV_GIT_TOKEN` is for the
 * server in `DSV_GIT_TOKEN_ORIGIN`; without that one for every address that the user gave, and for none
 * that a repository names.
 *
 * @param isRecorded - Whether the address stands in the repository, where others may have written it
 */
export function gitEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  address: string,
  isRecorded: boolean,
): Readonly<Record<string, string | undefined>> {
  const wanted = env['DSV_GIT_TOKEN_ORIGIN'] ?? ''
  const isForIt =
    wanted === '' ? !isRecorded : originOf(wanted) === originOf(address.replace(/^git\+/, ''))
  return isForIt ? env : { ...env, DSV_GIT_TOKEN: undefined }
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined
}
