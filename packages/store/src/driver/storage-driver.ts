/** Where a file lies in a storage: `/`-separated, relative, no `.` or `..`. */
export type StoragePath = string

/** One file of a listing. */
export interface StorageEntry {
  readonly path: StoragePath
  readonly sizeBytes: number
  /** Milliseconds since 1970 UTC by the clock of the storage. */
  readonly modifiedMs: number
}

/** Bytes with the version that {@link StorageDriver.replaceIf} compares. */
export interface VersionedBytes {
  readonly bytes: Uint8Array
  /** Opaque: an ETag, or a digest of the bytes. */
  readonly version: string
}

/**
 * The few things that a folder, a bucket and an HTTP server can all do. A repository needs nothing
 * else. Every implementation passes `test/storage-driver-contract.ts`.
 *
 * Files are immutable once written, but for the few that `replaceIf` swaps.
 */
export interface StorageDriver {
  /** For messages: a folder, a URL. */
  readonly location: string
  /** The folder on this machine, when there is one: allows reflinks and reads in workers. */
  readonly localFolder: string | undefined
  /** Below this size a blob goes into a pack; drivers with costly requests say more. */
  readonly packBelowBytes: number

  /** Reads a whole file. @throws `DSV_STORAGE_NOT_FOUND`, `DSV_STORAGE_FAILED` */
  read(path: StoragePath): Promise<Uint8Array>
  /**
   * Reads `length` bytes from `offset`; a negative offset counts from the end. Fewer bytes come back
   * when the file ends before.
   *
   * @throws `DSV_STORAGE_NOT_FOUND`, `DSV_STORAGE_FAILED`
   */
  readRange(path: StoragePath, offset: number, length: number): Promise<Uint8Array>
  /** Returns the size in bytes, or undefined when there is no such file. */
  sizeOf(path: StoragePath): Promise<number | undefined>
  /**
   * Writes a whole file: afterwards readers see all of it, or, after a crash, none. Writing a file
   * that exists is allowed only with the same bytes, and then may do nothing.
   *
   * @throws `DSV_STORAGE_FULL`, `DSV_STORAGE_DENIED`, `DSV_STORAGE_FAILED`
   */
  write(path: StoragePath, bytes: Uint8Array): Promise<void>
  /** Lists files below a prefix (`objects/pack/`), sorted by path. */
  list(prefix: StoragePath): AsyncIterable<StorageEntry>
  /** Deletes a file; one that is already gone is no error. */
  delete(path: StoragePath): Promise<void>

  /** Reads a file that changes. Returns undefined when there is none. */
  readVersioned(path: StoragePath): Promise<VersionedBytes | undefined>
  /**
   * Compare-and-swap: replaces the file when its version is still `expected` (undefined: when it does
   * not exist), atomically and durably. Returns the new version.
   *
   * @throws `DSV_STORAGE_CONFLICT` when somebody else was first
   */
  replaceIf(path: StoragePath, expected: string | undefined, bytes: Uint8Array): Promise<string>

  /** Makes everything written before durable: one flush for many files. */
  flush(): Promise<void>
  /** Ends connections that it holds, where there are any; a later call opens them again. */
  close?(): Promise<void>
}
