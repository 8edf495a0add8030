import type { Folder } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { DATASET_META } from '../shared/dataset-meta.ts'
import { LABEL_COLORS } from '../shared/label-colors-file.ts'
import { type ListLine, parseListLine } from './list-line.ts'

/** The files of a dataset beside images and masks. */
export interface CamvidFiles {
  /** The folder of the lists: empty or ending in `/`. */
  readonly root: string
  readonly lists: readonly string[]
  /** The file that names the classes. */
  readonly labels: string | undefined
  /** A list and a line in it that names a mask which is there. */
  readonly evidence: string | undefined
}

const HEAD_BYTES = 4096
const MOST_LISTS = 64

/** Finds the folder whose text files list images; undefined when there is none. */
export async function findCamvidFiles(folder: Folder): Promise<CamvidFiles | undefined> {
  const paths = await folder.list()
  const folders = new Map<string, string[]>()
  const maskFolders = new Set(paths.flatMap((path) => /^.*?annot(?=\/)/u.exec(path)?.[0] ?? []))
  for (const path of paths) {
    const slash = path.lastIndexOf('/') + 1
    if (!path.endsWith('.txt') || path.slice(slash) === LABEL_COLORS) continue
    const root = path.slice(0, slash)
    const group = folders.get(root) ?? []
    folders.set(root, group)
    // Datasets of one text file an image are something else.
    if (group.length < MOST_LISTS) group.push(path)
  }
  const sorted = [...folders].toSorted(([a], [b]) => a.split('/').length - b.split('/').length)
  for (const [root, texts] of sorted.slice(0, MOST_LISTS)) {
    const lists: string[] = []
    let evidence: string | undefined
    for (const path of texts) {
      const lines = await firstLines(folder, path)
      const hasMasks = maskFolders.has(`${path.slice(0, -'.txt'.length)}annot`)
      if (lines === undefined && !hasMasks) continue
      lists.push(path)
      for (const { mask } of lines ?? []) {
        if (evidence !== undefined || mask === undefined) continue
        if (await folder.has(root + mask.replace(/^\/+/u, ''))) evidence = `${path} names ${mask}`
      }
    }
    const labels = [DATASET_META, LABEL_COLORS].map((name) => root + name)
    if (lists.length > 0) {
      const known = new Set(paths)
      return { root, lists, evidence, labels: labels.find((path) => known.has(path)) }
    }
  }
  // A dataset without images.
  const labels = paths.find((path) => `/${path}`.endsWith(`/${LABEL_COLORS}`))
  if (labels === undefined) return undefined
  return { root: labels.slice(0, -LABEL_COLORS.length), lists: [], evidence: undefined, labels }
}

/** The first lines that name images, when the first of all does. */
async function firstLines(folder: Folder, path: string): Promise<readonly ListLine[] | undefined> {
  const file = await folder.open(path)
  try {
    const bytes = await file.read(0, HEAD_BYTES)
    const lines = Buffer.from(bytes).toString('utf8').split('\n')
    // The last line may be cut off.
    const whole = file.sizeBytes > HEAD_BYTES ? lines.slice(0, -1) : lines
    const found = whole.filter((line) => line.trim() !== '').map((line) => lineOrNone(line, path))
    return found[0] === undefined ? undefined : found.filter((line) => line !== undefined)
  } finally {
    await file.close()
  }
}

function lineOrNone(line: string, path: string): ListLine | undefined {
  try {
    return parseListLine(line, path, 0)
  } catch (error) {
    if (isDsvError(error, 'DSV_FORMAT_SYNTAX')) return undefined
    throw error
  }
}
