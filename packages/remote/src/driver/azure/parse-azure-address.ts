import { remoteOptionInvalid, remoteUrlInvalid } from '../../errors.ts'
import { checkOptions } from '../shared/check-options.ts'

/** What an address `azure://account/container/prefix` and its options say. */
export interface AzureAddress {
  readonly account: string
  readonly container: string
  /** Of the names of all blobs: empty, or ends in `/`. */
  readonly prefix: string
  /** The URL of the account; undefined where it follows from the account or the credentials. */
  readonly endpoint: string | undefined
  /** Whether nothing is signed, for containers that everybody may read. */
  readonly isUnsigned: boolean
  /** The address as messages show it. */
  readonly location: string
}

/**
 * Reads an address of Azure Blob Storage.
 *
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export function parseAzureAddress(
  address: string,
  options: Readonly<Record<string, string>>,
): AzureAddress {
  const [, account, container, rest = ''] =
    /^azure:\/\/([^/?#]*)\/([^/?#]*)(\/[^?#]*)?$/i.exec(address) ?? []
  if (account === undefined || container === undefined) {
    throw remoteUrlInvalid(address, 'it has not the form azure://account/container/prefix')
  }
  if (!/^[a-z0-9]{3,24}$/.test(account)) {
    throw remoteUrlInvalid(address, 'an account is named by 3 to 24 small letters and digits')
  }
  if (!/^(?:\$root|(?!-)(?!.*--)[a-z0-9-]{3,63}(?<!-))$/.test(container)) {
    throw remoteUrlInvalid(address, 'a container is named by 3 to 63 small letters, digits and -')
  }
  const prefix = prefixOf(rest, address)
  const location = `azure://${account}/${container}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`
  checkOptions(location, options, ['endpoint', 'unsigned'])
  const unsigned = options['unsigned'] ?? 'false'
  if (unsigned !== 'true' && unsigned !== 'false') {
    throw remoteOptionInvalid(location, 'unsigned', 'is true or false')
  }
  const endpoint = options['endpoint'] === undefined ? undefined : endpointOf(options, location)
  return { account, container, prefix, endpoint, isUnsigned: unsigned === 'true', location }
}

function prefixOf(rest: string, address: string): string {
  const parts = rest.split('/').filter((part) => part !== '')
  // eslint-disable-next-line no-control-regex -- a NUL is what is looked for
  const isBad = (part: string): boolean => part === '.' || part === '..' || /[\\\0]/.test(part)
  if (parts.some(isBad)) throw remoteUrlInvalid(address, 'its prefix has a part that is no name')
  return parts.map((part) => `${part}/`).join('')
}

function endpointOf(options: Readonly<Record<string, string>>, location: string): string {
  const text = options['endpoint'] ?? ''
  const refuse = (problem: string): Error => remoteOptionInvalid(location, 'endpoint', problem)
  if (!URL.canParse(text)) throw refuse('is no URL')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('begins with https://')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw refuse('holds a secret or a query: set AZURE_STORAGE_SAS_TOKEN instead')
  }
  return url.href.replace(/\/+$/, '')
}
