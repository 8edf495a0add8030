import type { Folder } from '@dsv/core'

/** A volume, the classes of its voxels, or both. */
export interface VolumeFiles {
  readonly id: string
  readonly subset: string
  readonly image: string | undefined
  readonly labels: string | undefined
}

/** The files of a dataset. */
export interface BratsFiles {
  readonly volumes: readonly VolumeFiles[]
  /** Names of classes, one in a line. */
  readonly names: string | undefined
  /** The description of the Decathlon, with names of classes. */
  readonly description: string | undefined
}

const VOLUME = /^((?:.*\/)?)(images|labels)([A-Za-z]*)\/([^/.][^/]*)\.nii(?:\.gz)?$/u
const SUBSETS: ReadonlyMap<string, string> = new Map([
  ['', 'default'],
  ['Tr', 'train'],
  ['Ts', 'test'],
])

/** Finds volumes in folders called `images…` and `labels…`; hidden files are none. */
export async function findBratsFiles(folder: Folder): Promise<BratsFiles> {
  const paths = await folder.list()
  const volumes = new Map<string, VolumeFiles>()
  let root = ''
  for (const path of paths) {
    const [, before = '', kind = '', suffix = '', id = ''] = VOLUME.exec(path) ?? []
    if (id === '') continue
    root = before
    const key = `${before}\0${suffix}\0${id}`
    const subset = SUBSETS.get(suffix) ?? suffix.toLowerCase()
    const known = volumes.get(key) ?? { id, subset, image: undefined, labels: undefined }
    volumes.set(key, kind === 'images' ? { ...known, image: path } : { ...known, labels: path })
  }
  const has = (path: string): string | undefined => (paths.includes(path) ? path : undefined)
  return {
    volumes: [...volumes.values()],
    names: has(`${root}labels`),
    description: has(`${root}dataset.json`),
  }
}
