import type { Folder } from '@dsv/core'
import { compareText } from '../shared/compare-text.ts'
import { isImagePath } from '../media/media-kind.ts'

/** A table of one subset. */
export interface Vggface2Table {
  readonly kind: 'boxes' | 'landmarks'
  readonly subset: string
  readonly path: string
}

/** The files of a dataset. */
export interface Vggface2Files {
  /** What stands before `bb_landmark/` and the folders of subsets: empty or ending in `/`. */
  readonly root: string
  readonly labels: string | undefined
  readonly tables: readonly Vggface2Table[]
  readonly images: readonly string[]
}

/** The folder of images of nobody. */
export const NO_LABEL = 'no_label'

const TABLE = /(?:^|\/)loose_(bb|landmark)_([^/]+)\.csv$/u

/** Finds the tables of a dataset by their names. */
export async function findVggface2Files(folder: Folder): Promise<Vggface2Files> {
  const paths = await folder.list()
  const tables = paths.flatMap((path): readonly Vggface2Table[] => {
    const [, kind, subset] = TABLE.exec(path) ?? []
    if (subset === undefined) return []
    return [{ kind: kind === 'bb' ? 'boxes' : 'landmarks', subset, path }]
  })
  const first = tables[0]?.path ?? ''
  const root = first
    .slice(0, first.lastIndexOf('/') + 1)
    .replace(/(?:^|(?<=\/))bb_landmark\/$/u, '')
  const labels = `${root}labels.txt`
  return {
    root,
    labels: paths.includes(labels) ? labels : undefined,
    // Images come in the order of the landmarks.
    tables: tables.toSorted((a, b) => compareText(b.kind, a.kind)),
    images: paths.filter(isImagePath),
  }
}
