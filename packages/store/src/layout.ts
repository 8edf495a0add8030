import type { StoragePath } from './driver/storage-driver.ts'

export {
  BLOB_PREFIX,
  blobPath,
  FRAGMENT_PREFIX as INDEX_PREFIX,
  fragmentPath as indexPath,
  PACK_PREFIX,
  packPath,
} from './pack/storage-layout.ts'

/** The on-disk version this release writes; it reads this one and every older one. */
export const FORMAT_VERSION = 1

/** The only file of a repository that changes: the root record. */
export const ROOT_PATH: StoragePath = 'root'

/** A copy of it, as of the last swap; read only when the root is damaged. */
export const ROOT_COPY_PATH: StoragePath = 'root.copy'

/** Below it lie lists of raw blobs that garbage collection has condemned. */
export const CONDEMNED_PREFIX: StoragePath = 'objects/condemned/'

/** Below it lie the leases of running writers. */
export const SESSION_PREFIX: StoragePath = 'sessions/'

/** Below it lies what is no part of the repository and never leaves the machine. */
export const LOCAL_PREFIX: StoragePath = 'local/'

/** Below it lie half-written files; a crash leaves them behind and gc removes them. */
export const TEMPORARY_PREFIX: StoragePath = 'local/tmp/'

/** Folder of the Level database with everything that can be rebuilt. */
export const CACHE_FOLDER: StoragePath = 'local/cache'

/** Settings and secrets of this machine. */
export const LOCAL_CONFIG_PATH: StoragePath = 'local/config.json'

/** Below it repair moves damaged files, keeping their path. */
export const QUARANTINE_PREFIX: StoragePath = 'local/quarantine/'

/** Returns the id (unchecked text) whose blob lies at `path`, or undefined for any other file. */
export function blobIdOfPath(path: StoragePath): string | undefined {
  const match = /^objects\/blob\/([0-9a-f]{2})\/([0-9a-f]{62})$/.exec(path)
  return match === null ? undefined : `${match[1]}${match[2]}`
}

/** Returns where the list of condemned blobs of that name lies. */
export function condemnedPath(name: string): StoragePath {
  return `${CONDEMNED_PREFIX}${name}`
}

/** Returns where the lease of the writer with that session id lies. */
export function sessionPath(sessionId: string): StoragePath {
  return `${SESSION_PREFIX}${sessionId}`
}
