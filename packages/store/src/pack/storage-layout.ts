import type { AnyId } from '../hash/object-id.ts'
import type { StoragePath } from '../driver/storage-driver.ts'

/** The prefix of all pack files. */
export const PACK_PREFIX = 'objects/pack/'
/** The prefix of all index fragments. */
export const FRAGMENT_PREFIX = 'objects/index/'
/** The prefix of all blobs that have a file of their own. */
export const BLOB_PREFIX = 'objects/blob/'

/** Returns where a pack lies. */
export function packPath(packId: string): StoragePath {
  return `${PACK_PREFIX}${packId}.pack`
}

/** Returns where an index fragment lies. */
export function fragmentPath(name: string): StoragePath {
  return `${FRAGMENT_PREFIX}${name}.idx`
}

/** Returns where a blob lies that has a file of its own. */
export function blobPath(id: AnyId): StoragePath {
  return `${BLOB_PREFIX}${id.slice(0, 2)}/${id.slice(2)}`
}
