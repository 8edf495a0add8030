/** One file of a revision. Links and submodules are told, never followed. */
export interface GitEntry {
  /** From the root of the repository, `/`-separated. */
  readonly path: string
  readonly type: 'file' | 'executable' | 'symlink' | 'submodule'
  /** Id of the blob, or of the submodule's commit. */
  readonly oid: string
}

/** One revision of a Git repository, read without checking it out. */
export interface GitTree {
  /** 40 hexadecimal digits. */
  readonly commitId: string
  /** For messages: a folder, a URL. */
  readonly location: string
  /** The folder of the repository on this machine; undefined when it came from a URL. */
  readonly localFolder: string | undefined
  /**
   * Lists all files below a folder (`''`: all), sorted by path as Git sorts.
   *
   * @throws `DSV_GIT_FAILED`, `DSV_PATH_UNSAFE` when a name could leave its folder
   */
  list(folder: string): Promise<readonly GitEntry[]>
  /**
   * Reads a file of {@link GitTree.list}.
   *
   * @throws `DSV_GIT_FAILED`
   */
  read(entry: GitEntry): Promise<Uint8Array>
}
