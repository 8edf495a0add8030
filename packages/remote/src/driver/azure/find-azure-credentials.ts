import { systemErrorCode } from '@dsv/store'
import type { newPipeline } from '@azure/storage-blob'
import { remoteCredentialsMissing } from '../../errors.ts'
import type { AzureAddress } from './parse-azure-address.ts'

type TokenCredential = Extract<Parameters<typeof newPipeline>[0], { readonly getToken: unknown }>

/** With what requests are signed, and where they go. */
export interface AzureCredentials {
  /** The URL of the account. */
  readonly endpoint: string
  readonly type: 'key' | 'sas' | 'token' | 'none'
  readonly key: string | undefined
  /** Without `?`. */
  readonly sas: string | undefined
  readonly token: TokenCredential | undefined
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Finds credentials: in `AZURE_STORAGE_CONNECTION_STRING`, `AZURE_STORAGE_KEY` or
 * `AZURE_STORAGE_SAS_TOKEN`, else by the chain of `@azure/identity` when that is installed beside dsv, else
 * none, which public containers accept.
 *
 * @throws `DSV_REMOTE_CREDENTIALS_MISSING` when they are for another account, or would go over the wire in
 *   the clear
 */
export async function findAzureCredentials(
  address: AzureAddress,
  env: Env,
  loadIdentity: () => Promise<unknown> = importIdentity,
): Promise<AzureCredentials> {
  const { account } = address
  const given = parseConnectionString(env['AZURE_STORAGE_CONNECTION_STRING'] ?? '')
  const endpoint = address.endpoint ?? given.endpoint ?? `https://${account}.blob.core.windows.net`
  const found = { endpoint, key: undefined, sas: undefined, token: undefined }
  if (address.isUnsigned) {
    const own = address.endpoint ?? `https://${account}.blob.core.windows.net`
    return { ...found, endpoint: own, type: 'none' }
  }
  if (given.account !== undefined && given.account !== account) {
    const hint = `AZURE_STORAGE_CONNECTION_STRING is for the account ${given.account}.`
    throw remoteCredentialsMissing(address.location, hint, undefined)
  }
  const key = given.key ?? env['AZURE_STORAGE_KEY']
  if (key !== undefined && key !== '') return { ...found, type: 'key', key }
  const sas = (given.sas ?? env['AZURE_STORAGE_SAS_TOKEN'])?.replace(/^\?/, '')
  if (sas !== undefined && sas !== '') {
    checkEncrypted(endpoint, address)
    return { ...found, type: 'sas', sas }
  }
  const token = tokenCredential(await loadIdentity())
  if (token === undefined) return { ...found, type: 'none' }
  checkEncrypted(endpoint, address)
  return { ...found, type: 'token', token }
}

/** What to do when a container wants credentials and there are none. */
export const AZURE_CREDENTIALS_HINT =
  'Set AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN; or install the package @azure/identity beside dsv to use `az login` and managed identities. For a public container set the option `unsigned` to true.'

interface ConnectionString {
  readonly account: string | undefined
  readonly key: string | undefined
  readonly sas: string | undefined
  readonly endpoint: string | undefined
}

/** The account that every emulator has, with its public name. */
const EMULATOR = 'devstoreaccount1'

function parseConnectionString(text: string): ConnectionString {
  const values = new Map<string, string>()
  for (const part of text.split(';')) {
    const at = part.indexOf('=')
    if (at > 0) values.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim())
  }
  if (values.get('usedevelopmentstorage')?.toLowerCase() === 'true') {
    const endpoint = `http://127.0.0.1:10000/${EMULATOR}`
    return { account: EMULATOR, key: undefined, sas: undefined, endpoint }
  }
  const account = values.get('accountname')
  const suffix = values.get('endpointsuffix')
  const made =
    suffix === undefined || account === undefined
      ? undefined
      : `${values.get('defaultendpointsprotocol') ?? 'https'}://${account}.blob.${suffix}`
  return {
    account,
    key: values.get('accountkey'),
    sas: values.get('sharedaccesssignature'),
    endpoint: (values.get('blobendpoint') ?? made)?.replace(/\/+$/, ''),
  }
}

/** A token is all that a thief needs; a key is never sent, it only signs. */
function checkEncrypted(endpoint: string, { location }: AzureAddress): void {
  const url = new URL(endpoint)
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol === 'https:' || isHere) return
  const hint = `Its endpoint is not encrypted, so no token is sent there: use https://, or AZURE_STORAGE_KEY.`
  throw remoteCredentialsMissing(location, hint, undefined)
}

/** A name in a variable keeps compilers and bundlers from looking for a package that may be missing. */
const IDENTITY = '@azure/identity'

async function importIdentity(): Promise<unknown> {
  try {
    return await import(IDENTITY)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

function tokenCredential(identity: unknown): TokenCredential | undefined {
  if (typeof identity !== 'object' || identity === null) return undefined
  const DefaultAzureCredential: unknown = Reflect.get(identity, 'DefaultAzureCredential')
  if (typeof DefaultAzureCredential !== 'function') return undefined
  const credential: unknown = Reflect.construct(DefaultAzureCredential, [])
  return isTokenCredential(credential) ? credential : undefined
}

function isTokenCredential(value: unknown): value is TokenCredential {
  return typeof value === 'object' && value !== null && 'getToken' in value
}
