import type { StoragePath, VersionedBytes } from '@dsv/store'
import type { Rights } from './rights.ts'

/** What somebody may do with a file. */
export type Access = 'get' | 'put' | 'delete'

/** A file that a client sent, where it lies until it is checked. */
export interface ReceivedFile {
  readonly temporary: string
  readonly sizeBytes: number
  /** BLAKE3 of its bytes, hexadecimal. */
  readonly hash: string
}

/** Says which files a {@link serveStorage} has, who may do what, and what is checked before. */
export interface StorageRules {
  /** Returns what is needed for an access, by the path alone; undefined when the path is not served. */
  rightsFor(access: Access, path: StoragePath): Rights | 'nobody' | undefined
  /** Whether a file changes by compare-and-swap; others are written once. */
  isVersioned(path: StoragePath): boolean
  /** How many bytes a client may send. */
  maxBytes(path: StoragePath): number
  /** Reads a versioned file as clients see it. */
  readVersioned(path: StoragePath): Promise<VersionedBytes | undefined>
  /**
   * Replaces a versioned file when its version is still `expected`, and returns the new version.
   *
   * @throws `DSV_STORAGE_CONFLICT`, `DSV_REMOTE_REFUSED`, and what checking throws
   */
  replaceIf(
    path: StoragePath,
    expected: string | undefined,
    sent: { readonly bytes: Uint8Array; readonly rights: Rights },
  ): Promise<string>
  /** Checks a file that is written once. @throws what is wrong with it */
  check(path: StoragePath, file: ReceivedFile): Promise<void>
  /** Checks a deletion by what lies there. @throws `DSV_REMOTE_REFUSED` */
  checkDelete(path: StoragePath, rights: Rights): Promise<void>
}
