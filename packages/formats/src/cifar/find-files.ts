import type { Folder } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'

/** The files of a dataset. */
export interface CifarFiles {
  /** The folder of the files, with a slash at its end; empty for the root. */
  readonly root: string
  /** The pickle of names; undefined when it is missing. */
  readonly meta: string | undefined
  /** Names of the files of images; each is a subset. */
  readonly batches: readonly string[]
}

/** The names of files with the names of classes: CIFAR-10 and CIFAR-100. */
export const META_FILES = { plain: 'batches.meta', fine: 'meta' } as const
const BATCH_FILE = /^(?:data_batch_\d+|test_batch)$/u
const LEFT_OUT = /\.(?:html?|txt~?|md|json|csv|zip|gz|tar|py)$/iu
const MAX_SIBLINGS = 1000
const MAX_FOLDERS = 20

/** Finds the first folder with pickles of images: beside `batches.meta` or `meta`, or by their names. */
export async function findCifarFiles(folder: Folder): Promise<CifarFiles | undefined> {
  const paths = await folder.list()
  const tried = new Set<string>()
  for (const path of paths) {
    const root = path.slice(0, path.lastIndexOf('/') + 1)
    const name = path.slice(root.length)
    const isMeta = name === META_FILES.plain || name === META_FILES.fine
    if ((!isMeta && !BATCH_FILE.test(name)) || tried.has(root)) continue
    if (tried.size >= MAX_FOLDERS) return undefined
    tried.add(root)
    const siblings = paths.filter(
      (other) => other.startsWith(root) && !other.slice(root.length).includes('/'),
    )
    const metas = [META_FILES.plain, META_FILES.fine].map((each) => `${root}${each}`)
    const meta = metas.find((each) => siblings.includes(each))
    const batches: string[] = []
    let hasPickles = false
    for (const other of siblings.filter(isCandidate).slice(0, MAX_SIBLINGS)) {
      if (metas.includes(other)) continue
      const batch = other.slice(root.length)
      const isHere = await isPickle(folder, other)
      hasPickles ||= isHere
      // A batch that is none is damaged: that is to be said.
      if (isHere || BATCH_FILE.test(batch)) batches.push(batch)
    }
    const isFound = meta === undefined ? hasPickles : await isPickle(folder, meta)
    if (isFound) return { root, meta, batches }
  }
  return undefined
}

function isCandidate(path: string): boolean {
  return !isImagePath(path) && !LEFT_OUT.test(path)
}

/** Pickles begin with their protocol; those of protocol 0 and 1 with a dictionary. */
async function isPickle(folder: Folder, path: string): Promise<boolean> {
  const file = await folder.open(path)
  try {
    const [first = 0, second = 0] = await file.read(0, 2)
    const isBinary = first === 0x80 && second >= 1 && second <= 5
    return (
      isBinary ||
      ((first === 0x28 || first === 0x7d) && /[dqp(]/u.test(String.fromCharCode(second)))
    )
  } finally {
    await file.close()
  }
}
