import type { Folder } from '@dsv/core'

/** The files of one subset. */
export interface MnistCsvFiles {
  readonly subset: string
  readonly path: string
  /** Names and sizes of images, as Datumaro adds them. */
  readonly meta?: string
}

/** Finds `mnist_<subset>.csv` in any folder, and `meta_<subset>.csv` beside it. */
export async function findMnistCsvFiles(folder: Folder): Promise<readonly MnistCsvFiles[]> {
  const paths = await folder.list()
  const known = new Set(paths)
  return paths.flatMap((path) => {
    const root = path.slice(0, path.lastIndexOf('/') + 1)
    const match = /^(?:.*_)?mnist_(.*)\.csv$/iu.exec(path.slice(root.length))
    if (match === null) return []
    const subset = match[1] ?? ''
    const meta = `${root}meta_${subset}.csv`
    return [{ subset: subset || 'default', path, ...(known.has(meta) && { meta }) }]
  })
}
