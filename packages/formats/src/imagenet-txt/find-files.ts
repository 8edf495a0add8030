import type { Folder } from '@dsv/core'
import { readLines } from '../shared/line-reader.ts'
import { isImagePath } from '../media/media-kind.ts'
import { parseListLine } from './list-line.ts'

/** The files of a dataset. */
export interface ImagenetTxtFiles {
  /** The folder of the lists, with a slash at its end; empty for the root. */
  readonly root: string
  readonly lists: readonly { readonly path: string; readonly subset: string }[]
  /** The names of classes; undefined when the file is missing. */
  readonly names: string | undefined
}

/** The file of the names of classes. */
export const NAMES_FILE = 'synsets.txt'
/** The folder of images. */
export const IMAGES_FOLDER = 'images/'
const NO_LIST =
  /^(?:synset_words|readme.*|licen[cs]e.*|requirements.*|classes|labels|notes)\.txt$/iu
const FIRST_LINES = 20

/**
 * Finds the lists beside `synsets.txt`, or those in the root whose first lines are images with numbers.
 */
export async function findImagenetTxtFiles(folder: Folder): Promise<ImagenetTxtFiles | undefined> {
  const texts = (await folder.list()).filter((path) => path.endsWith('.txt'))
  const names = texts.find((path) => path === NAMES_FILE || path.endsWith(`/${NAMES_FILE}`))
  const root = names?.slice(0, -NAMES_FILE.length) ?? ''
  const lists: { readonly path: string; readonly subset: string }[] = []
  for (const path of texts) {
    const name = path.slice(root.length)
    if (!path.startsWith(root) || name.includes('/')) continue
    if (name === NAMES_FILE || NO_LIST.test(name)) continue
    if (await isList(folder, path, names !== undefined)) {
      lists.push({ path, subset: name.slice(0, -'.txt'.length) })
    }
  }
  return lists.length === 0 && names === undefined ? undefined : { root, lists, names }
}

async function isList(folder: Folder, path: string, isBesideNames: boolean): Promise<boolean> {
  const file = await folder.open(path)
  try {
    let seen = 0
    let hasLabel = isBesideNames
    for await (const line of readLines(file, path)) {
      const parsed = parseListLine(line)
      if (parsed === undefined) continue
      if (!isImagePath(parsed.path)) return false
      hasLabel ||= parsed.labels.length > 0
      seen += 1
      if (seen === FIRST_LINES) break
    }
    return hasLabel && (seen > 0 || isBesideNames)
  } finally {
    await file.close()
  }
}
