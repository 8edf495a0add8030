import type { Folder } from '@dsv/core'

/** How the rows of a file are kept. */
export type TableKind = 'jsonl' | 'csv' | 'parquet'

/** A table of a dataset. */
export interface HubFile {
  readonly path: string
  readonly subset: string
  readonly kind: TableKind
  /** Whether its rows name images that lie beside it. */
  readonly isMetadata: boolean
}

const METADATA = /^metadata\.(jsonl|csv|parquet)$/u
const PARQUET = /^(.*?)(?:-\d+-of-\d+(?:-[0-9a-f]+)?)?\.parquet$/u
const SPLITS: ReadonlySet<string> = new Set('train validation valid val dev test'.split(' '))

/** Finds the tables of a folder. */
export async function findHubFiles(folder: Folder): Promise<readonly HubFile[]> {
  const paths = await folder.list()
  const metadata = paths.flatMap((path): readonly HubFile[] => {
    const kind = METADATA.exec(nameOf(path))?.[1]
    if (kind !== 'jsonl' && kind !== 'csv' && kind !== 'parquet') return []
    return [{ path, subset: subsetOfFolder(folderOf(path)), kind, isMetadata: true }]
  })
  if (metadata.length > 0) return metadata
  return paths.flatMap((path): readonly HubFile[] => {
    const stem = PARQUET.exec(nameOf(path))?.[1]
    if (stem === undefined) return []
    const isNumbered = /^(?:\d*|part[-_.]?\d+.*)$/u.test(stem)
    const subset = isNumbered ? subsetOfFolder(folderOf(path)) : stem
    return [{ path, subset, kind: 'parquet', isMetadata: false }]
  })
}

/** Returns the folder of a path with its slash; empty at the root. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** A folder is the name of a subset; of `data/train` it is the last part. */
function subsetOfFolder(folder: string): string {
  const whole = folder.slice(0, -1)
  const last = nameOf(whole)
  if (SPLITS.has(last.toLowerCase())) return last
  return whole === '' || whole === 'data' ? 'default' : whole
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
