import { dvcNotSupported } from '../errors.ts'
import type { DvcRemoteConfig } from './dvc-config.ts'

/** What opens the storage of a DVC remote. */
export interface DvcStorageAddress {
  /** A folder or a URL, as `openDriver` takes it. */
  readonly address: string
  /** Settings by the names of our drivers. */
  readonly options: Readonly<Record<string, string>>
  /** What the config files say about credentials, by DVC's names: for memory only, never to be stored. */
  readonly secrets: Readonly<Record<string, string>>
}

/** DVC's name of a setting to ours, by scheme. */
const OPTION_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: { endpointurl: 'endpoint', profile: 'profile', region: 'region' },
  sftp: { keyfile: 'identity-file' },
  azure: {},
}

const SECRETS = new Set([
  'access_key_id',
  'account_key',
  'client_secret',
  'connection_string',
  'custom_auth_header',
  'passphrase',
  'password',
  'sas_token',
  'secret_access_key',
  'session_token',
])

/** DVC's scheme to ours. */
const SCHEMES: Readonly<Record<string, string>> = {
  azure: 'azure',
  file: 'file',
  http: 'http',
  https: 'https',
  s3: 's3',
  ssh: 'sftp',
}

/**
 * Translates a DVC remote into the address of a storage.
 *
 * @throws `DSV_DVC_NOT_SUPPORTED` for a kind of remote that no driver reads
 */
export function storageAddress(
  remote: DvcRemoteConfig,
  env: Readonly<Record<string, string | undefined>>,
): DvcStorageAddress {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(remote.url.value) ?? []
  const settings = [...remote.options].map(([key, { value }]) => [key, value] as const)
  const secrets = Object.fromEntries(settings.filter(([key]) => SECRETS.has(key)))
  if (scheme === undefined) return { address: remote.url.value, options: {}, secrets }
  const ours = SCHEMES[scheme.toLowerCase()]
  if (ours === undefined) {
    throw dvcNotSupported(
      `Remote ${remote.name}`,
      `is of the kind ${scheme}://, which dsv does not read`,
    )
  }
  const names = OPTION_NAMES[ours] ?? {}
  const options: Record<string, string> = Object.fromEntries(
    settings.flatMap(([key, value]) => {
      const name = Object.hasOwn(names, key) ? names[key] : undefined
      return name === undefined ? [] : [[name, value]]
    }),
  )
  if (ours === 's3') {
    // Keys in the config count more than a profile, as with DVC.
    if ('access_key_id' in secrets) delete options['profile']
    if (/^true$/i.test(remote.options.get('allow_anonymous_login')?.value ?? '')) {
      options['unsigned'] = 'true'
    }
  }
  if (ours === 'azure') {
    const account = azureAccount(remote, secrets, env)
    const address = `azure://${account}/${remote.url.value.slice('azure://'.length)}`
    return { address, options, secrets }
  }
  return { address: withUser(ours, scheme, remote), options, secrets }
}

/** DVC names the container only; its account comes from the config or goes with the credentials. */
function azureAccount(
  remote: DvcRemoteConfig,
  secrets: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const connection = secrets['connection_string'] ?? env['AZURE_STORAGE_CONNECTION_STRING'] ?? ''
  const account =
    remote.options.get('account_name')?.value ??
    /(?:^|;)AccountName=([^;]+)/i.exec(connection)?.[1] ??
    env['AZURE_STORAGE_ACCOUNT']
  if (account !== undefined) return account
  throw dvcNotSupported(`Remote ${remote.name}`, 'names no account_name, nor does the environment')
}

/** DVC keeps user and port of a server beside its URL. */
function withUser(ours: string, scheme: string, remote: DvcRemoteConfig): string {
  const rest = remote.url.value.slice(scheme.length + 3)
  if (ours !== 'sftp') return `${ours}://${rest}`
  const [host = '', ...path] = rest.split('/')
  const user = remote.options.get('user')?.value
  const port = remote.options.get('port')?.value
  const before = user === undefined || host.includes('@') ? '' : `${encodeURIComponent(user)}@`
  const after = port === undefined || /:\d+$/.test(host) ? '' : `:${port}`
  return `${ours}://${before}${host}${after}/${path.join('/')}`
}
