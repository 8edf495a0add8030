/** Where pipeline files are read from: the working tree, or a version. Paths are relative to the repository. */
export interface PipelineReader {
  /** Returns the paths of all files that are called `dsv.yaml` or `dvc.yaml`. */
  list(): Promise<readonly string[]>
  /** Returns the paths of all files below a folder, in order; none where there is no such folder. */
  listBelow(folder: string): Promise<readonly string[]>
  /**
   * Returns the bytes of a file; undefined where there is none.
   *
   * @throws `DSV_PIPELINE_FILE_UNREADABLE` when it is larger than a file for people can be
   */
  read(path: string): Promise<Uint8Array | undefined>
}

/** What files are called that hold a pipeline. */
export const PIPELINE_FILES: readonly string[] = ['dsv.yaml', 'dvc.yaml']

/** Larger files are not read, for they would not fit into memory. */
export const MAX_FILE_BYTES: number = 64 * 2 ** 20
