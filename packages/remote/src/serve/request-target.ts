import type { StoragePath } from '@dsv/store'
import { checkStoragePath, checkStoragePrefix, isDsvError } from '@dsv/store'

/** What a request is about. */
export type RequestTarget =
  | { readonly type: 'file'; readonly path: StoragePath }
  | { readonly type: 'list'; readonly prefix: StoragePath; readonly after: StoragePath }
  | { readonly type: 'invalid' }

const INVALID: RequestTarget = { type: 'invalid' }

/** Names that are devices on Windows, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i

/**
 * Reads the target of a request: `/objects/…` or `/?list=prefix&after=path`. Anything that could mean
 * another file to another reader is invalid: dots, empty parts, encoded slashes, backslashes, devices.
 */
export function parseRequestTarget(target: string): RequestTarget {
  if (!target.startsWith('/') || target.length > 4096) return INVALID
  const cut = target.indexOf('?')
  const pathname = cut === -1 ? target : target.slice(0, cut)
  const query = cut === -1 ? undefined : target.slice(cut + 1)
  if (query === undefined) return pathname === '/' ? INVALID : fileTarget(pathname.slice(1))
  return pathname === '/' ? listTarget(query) : INVALID
}

function fileTarget(encoded: string): RequestTarget {
  if (/%(?:2f|5c|00)/i.test(encoded)) return INVALID
  try {
    const path = decodeURIComponent(encoded)
    checkStoragePath(path)
    return path.split('/').some((part) => DEVICE.test(part)) ? INVALID : { type: 'file', path }
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_PATH_INVALID') || isUriError(error)) return INVALID
    throw error
  }
}

function listTarget(query: string): RequestTarget {
  const parameters = new URLSearchParams(query)
  const prefix = parameters.get('list')
  const after = parameters.get('after') ?? ''
  if (prefix === null) return INVALID
  try {
    checkStoragePrefix(prefix)
    if (after !== '') checkStoragePath(after)
    return { type: 'list', prefix, after }
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_PATH_INVALID')) return INVALID
    throw error
  }
}

function isUriError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'URIError'
}
