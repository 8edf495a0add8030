/** What reaching a remote needs. */
export interface NeededSecrets {
  /** Names of environment variables. */
  readonly secrets: readonly string[]
  /** Environment variables that are no secrets. */
  readonly variables: Readonly<Record<string, string>>
  /** Whether it is a folder. */
  readonly isFolder: boolean
}

/** Returns what a machine that has never seen a remote has to be given to reach it, by the kind of its address. */
export function neededSecrets(
  address: string,
  options: Readonly<Record<string, string>> = {},
): NeededSecrets {
  const own = ofAddress(address)
  const { media } = options
  const secrets = media === undefined ? own : [...new Set([...own, ...ofAddress(media)])]
  const http = [address, media].find((each) => each !== undefined && /^https?:/iu.test(each))
  return {
    secrets,
    variables: http === undefined ? {} : { DSV_TOKEN_ORIGIN: new URL(http).origin },
    isFolder: !/^(?:s3|azure|https?|sftp|git\+https?):/iu.test(address),
  }
}

function ofAddress(address: string): readonly string[] {
  const [, scheme = ''] = /^([a-z][a-z0-9+]+):/iu.exec(address) ?? []
  return SECRETS.get(scheme.toLowerCase()) ?? []
}

const SECRETS: ReadonlyMap<string, readonly string[]> = new Map([
  ['s3', ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']],
  ['azure', ['AZURE_STORAGE_SAS_TOKEN']],
  ['http', ['DSV_TOKEN']],
  ['https', ['DSV_TOKEN']],
  ['sftp', ['DSV_SSH_KEY', 'DSV_SSH_KNOWN_HOSTS']],
  ['git+http', ['DSV_GIT_TOKEN']],
  ['git+https', ['DSV_GIT_TOKEN']],
])
