import { checkStoragePath, isDsvError, type StorageEntry, type StoragePath } from '@dsv/store'
import { HttpProblem } from './http-client.ts'

/** One page of a listing as a server gave it. */
export interface ListedPage {
  readonly entries: readonly StorageEntry[]
  readonly isCut: boolean
}

/**
 * Reads a page of a listing. Paths outside of the prefix, out of order or that leave the storage are
 * refused, so that a listing ends and what it names can be opened.
 */
export function parseListPage(
  bytes: Uint8Array,
  { prefix, after }: { readonly prefix: StoragePath; readonly after: StoragePath },
): ListedPage {
  const json = parseJson(bytes)
  if (!isRecord(json) || !Array.isArray(json['entries'])) throw malformed()
  let last = after
  const entries = json['entries'].map((entry: unknown): StorageEntry => {
    if (!isRecord(entry)) throw malformed()
    const { path, sizeBytes, modifiedMs } = entry
    if (typeof path !== 'string' || !isCount(sizeBytes) || typeof modifiedMs !== 'number') {
      throw malformed()
    }
    if (!path.startsWith(prefix) || path <= last || !isPath(path)) throw malformed()
    last = path
    return { path, sizeBytes, modifiedMs }
  })
  const isCut = json['isCut'] === true
  if (isCut && entries.length === 0) throw malformed()
  return { entries, isCut }
}

function malformed(): HttpProblem {
  return new HttpProblem('Its listing makes no sense')
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    throw malformed()
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isPath(path: string): boolean {
  try {
    checkStoragePath(path)
    return true
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_PATH_INVALID')) return false
    throw error
  }
}
