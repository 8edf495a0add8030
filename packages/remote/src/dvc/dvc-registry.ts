import type { DvcHash, DvcOut, SkippedOut } from './dvc-out.ts'

/** One file of a registry. */
export interface DvcFile {
  /**
   * From the path that was asked for, `/`-separated; the name alone when that path is this file. It stays
   * in its folder, and neither it nor a folder above it is a name that cannot be written.
   */
  readonly path: string
  readonly sizeBytes?: number | undefined
  /** 32 hexadecimal digits; undefined for a file that Git has and nobody hashed. */
  readonly md5?: string | undefined
  readonly hash?: DvcHash | undefined
  /** Whether the path that was asked for is this file, and not a folder with it. */
  readonly isWhole: boolean
  readonly isExecutable: boolean
  /**
   * Reads it, checked against its MD5. Up to 8 MiB are checked before any byte comes; of a larger file all
   * bytes are to be dropped when this throws.
   *
   * @throws `DSV_DVC_OBJECT_MISSING`, `DSV_DVC_OBJECT_CORRUPT`, and what the storage throws
   */
  open(): AsyncIterable<Uint8Array>
}

/** What was left out of a folder, and why. */
export interface DvcLeftOut {
  /** From the root of the Git repository. */
  readonly path: string
  readonly reason: 'not-stored' | 'submodule' | 'symlink'
}

/** Settings of {@link DvcRegistry.resolve}. */
export interface ResolveOptions {
  /**
   * Told what of a folder cannot be had: links and submodules of Git, and outputs that are stored nowhere.
   * Without it such an output is an error. It always is when it is the path that was asked for.
   */
  readonly onLeftOut?: (leftOut: DvcLeftOut) => void
}

/** One revision of a Git repository with DVC. */
export interface DvcRegistry {
  /** 40 hexadecimal digits. */
  readonly commitId: string
  /** For messages: a folder, a URL. */
  readonly location: string
  /** Outputs that lie outside the repository or that cannot be placed. */
  readonly skipped: readonly SkippedOut[]
  /** Returns all outputs, sorted by path, with what is known without asking a remote. */
  outs(): readonly DvcOut[]
  /**
   * Finds the files of a path: an output, something in one, or a folder (`''`: all) with outputs and files
   * that Git has. Paths come from the metadata and from `.dir` objects; no file is read before it is opened.
   *
   * @throws `DSV_DVC_PATH_NOT_FOUND`, `DSV_DVC_OUTPUT_NOT_STORED`, `DSV_DVC_METADATA_INVALID`,
   *   `DSV_PATH_UNSAFE`, `DSV_DVC_OBJECT_MISSING`, `DSV_DVC_OBJECT_CORRUPT`, `DSV_DVC_NOT_SUPPORTED`,
   *   `DSV_DVC_NOT_TRUSTED`, and for imports what opening their registry throws
   */
  resolve(path: string, options?: ResolveOptions): AsyncIterable<DvcFile>
  /** Returns the paths of all files that Git has, those of DVC among them, sorted as Git sorts. */
  gitFiles(): readonly string[]
  /** Reads a file that Git has; undefined where there is none. @throws `DSV_GIT_FAILED` */
  readGit(path: string): Promise<Uint8Array | undefined>
  /** Removes what was fetched for it, unless a cache folder was given. */
  close(): Promise<void>
}
