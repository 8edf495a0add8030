import type { Folder } from '@dsv/core'

/** A table of one subset. */
export interface AvaTable {
  readonly path: string
  readonly subset: string
  /** Whether it lists frames that are not to be used. */
  readonly isExcluded: boolean
}

/** The files of a dataset. */
export interface AvaFiles {
  /** The folder of the tables: empty or ending in `/`. */
  readonly folder: string
  /** The folder of the frames, ending in `/`. */
  readonly frames: string
  /** The release that the names of the files say: `2.2`. */
  readonly release: string
  readonly tables: readonly AvaTable[]
  readonly actions: string | undefined
}

const NAME = /^ava_(.+?)(_excluded_timestamps)?_v(\d+\.\d+)\.csv$/u
const ACTIONS = /^ava_action_list_v(\d+\.\d+)\w*\.pbtxt$/u

/** Finds the tables of a dataset by their names. */
export async function findAvaFiles(folder: Folder): Promise<AvaFiles> {
  const files = (await folder.list()).map((path) => {
    const start = path.lastIndexOf('/') + 1
    return { path, name: path.slice(start), folder: path.slice(0, start) }
  })
  const known = files.find(({ name }) => NAME.test(name))
  const own = known?.folder ?? ''
  const tables = files.flatMap(({ path, name, folder: place }): readonly AvaTable[] => {
    const [, subset, excluded] = NAME.exec(name) ?? []
    if (subset === undefined || place !== own) return []
    return [{ path, subset, isExcluded: excluded !== undefined }]
  })
  return {
    folder: own,
    frames: `${own.replace(/(?:^|(?<=\/))annotations\/$/u, '')}frames/`,
    release: NAME.exec(known?.name ?? '')?.[3] ?? '2.2',
    tables,
    actions: files.find(({ name }) => ACTIONS.test(name))?.path,
  }
}
