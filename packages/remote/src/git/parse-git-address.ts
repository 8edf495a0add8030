import { fileURLToPath } from 'node:url'
import { isLoopback } from '../driver/http/parse-http-address.ts'
import { remoteUrlInvalid } from '../errors.ts'

/** Where a Git repository lies that holds a storage. */
export type GitAddress =
  | { readonly type: 'folder'; readonly folder: string; readonly location: string }
  | {
      readonly type: 'http'
      readonly url: string
      readonly host: string
      readonly location: string
    }

/**
 * Reads `git+https://host/owner/repo.git`, `git+http://…` and `git+file:///path`.
 *
 * @throws `DSV_REMOTE_URL_INVALID`
 */
export function parseGitAddress(address: string, allowInsecure: boolean): GitAddress {
  const form = 'it has not the form git+https://host/repository.git'
  let url: URL
  try {
    url = new URL(address.replace(/^git\+/i, ''))
  } catch {
    throw remoteUrlInvalid(address, form)
  }
  if (url.username !== '' || url.password !== '') {
    throw remoteUrlInvalid(address, 'a name or a password does not belong into an address')
  }
  if (url.search !== '' || url.hash !== '') throw remoteUrlInvalid(address, 'it ends in a query')
  if (url.protocol === 'file:') {
    const folder = fileURLToPath(url)
    return { type: 'folder', folder, location: folder }
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw remoteUrlInvalid(address, form)
  if (url.protocol === 'http:' && !allowInsecure && !isLoopback(url)) {
    throw remoteUrlInvalid(address, 'git+http:// is for this machine only, or with allow-insecure')
  }
  const location = url.href.replace(/\/$/, '')
  return { type: 'http', url: location, host: url.host, location }
}
