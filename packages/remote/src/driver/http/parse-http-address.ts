import { remoteUrlInvalid } from '../../errors.ts'

/** An address of a repository that is reached over HTTP. */
export interface HttpAddress {
  /** Ends in `/`; has neither query nor secrets. */
  readonly base: URL
  /** The address as messages show it. */
  readonly location: string
}

/** Reads an address `https://host/path`. @throws `DSV_REMOTE_URL_INVALID` */
export function parseHttpAddress(address: string): HttpAddress {
  const shown = address.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1')
  const base = parseUrl(address, shown)
  if (base.username !== '' || base.password !== '') {
    throw remoteUrlInvalid(shown, 'a name or a password does not belong into an address')
  }
  if (base.search !== '' || base.hash !== '') {
    throw remoteUrlInvalid(shown, 'it ends in a query')
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return { base, location: base.href.replace(/\/$/, '') }
}

function parseUrl(address: string, shown: string): URL {
  if (!/^https?:\/\/[^/]/i.test(address)) {
    throw remoteUrlInvalid(shown, 'it has not the form https://host/path')
  }
  try {
    return new URL(address)
  } catch {
    throw remoteUrlInvalid(shown, 'it has not the form https://host/path')
  }
}

/** Returns whether a host is this machine, so that nobody is in between. */
export function isLoopback(url: URL): boolean {
  const { hostname } = url
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
}
