import { remoteUrlInvalid } from '../../errors.ts'

/** What an address `sftp://user@host:port/path` says. */
export interface SftpAddress {
  readonly host: string
  /** Undefined when the address leaves it to `~/.ssh/config` or the name of the user here. */
  readonly user: string | undefined
  readonly port: number | undefined
  /** Absolute, or relative to the home folder of the user over there; no `/` at its end. */
  readonly folder: string
  /** The address as messages show it. */
  readonly location: string
}

/**
 * Reads an address of SFTP. `/~/data` is `data` in the home folder over there; any other path is absolute.
 *
 * @throws `DSV_REMOTE_URL_INVALID`
 */
export function parseSftpAddress(address: string): SftpAddress {
  const shown = withoutPassword(address)
  const url = parseUrl(address, shown)
  if (url.password !== '') {
    throw remoteUrlInvalid(shown, 'a password does not belong into an address')
  }
  if (url.search !== '' || url.hash !== '') {
    throw remoteUrlInvalid(shown, 'it ends in a query (write ? as %3F and # as %23)')
  }
  const host = decoded(url.hostname, shown).replace(/^\[|\]$/g, '')
  if (host === '' || /[\s/\\]/.test(host) || host.startsWith('-')) {
    throw remoteUrlInvalid(shown, 'it names no host')
  }
  const user = url.username === '' ? undefined : decoded(url.username, shown)
  const port = url.port === '' ? undefined : Number(url.port)
  // A URL resolves .. by itself; here it is a mistake.
  const pathname = address.replace(/^[^/]*\/\/[^/]*/, '')
  const folder = folderOf(decoded(pathname, shown), shown)
  return { host, user, port, folder, location: shown }
}

function parseUrl(address: string, shown: string): URL {
  try {
    return new URL(address)
  } catch {
    throw remoteUrlInvalid(shown, 'it has not the form sftp://user@host:port/path')
  }
}

function folderOf(pathname: string, shown: string): string {
  const isRelative = pathname === '/~' || pathname.startsWith('/~/')
  const parts = pathname
    .slice(isRelative ? 2 : 0)
    .split('/')
    .filter((part) => part !== '')
  if (parts.includes('..') || parts.includes('.') || pathname.includes('\0')) {
    throw remoteUrlInvalid(shown, 'its path has a part . or ..')
  }
  if (parts.length === 0) {
    throw remoteUrlInvalid(shown, 'it needs the path of a folder')
  }
  return (isRelative ? '' : '/') + parts.join('/')
}

function decoded(text: string, shown: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw remoteUrlInvalid(shown, 'it has a % that begins no escape')
  }
}

/** An address with its password taken out, for messages. */
function withoutPassword(address: string): string {
  return address.replace(/^([a-z0-9+.-]+:\/\/[^/@:]*):[^/@]*@/i, '$1@').replace(/\/+$/, '')
}
