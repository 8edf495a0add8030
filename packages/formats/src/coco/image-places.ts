import type { Folder } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import { type CocoFile, fileByName } from './find-files.ts'

/** Finds the path of an image in the folder. */
export interface ImagePlaces {
  /** Path of an image, and what stands before its `file_name` there. */
  readonly find: (fileName: string) => Promise<ImagePlace>
}

/** Where an image is, or would be. */
export interface ImagePlace {
  readonly path: string
  readonly prefix: string
  readonly exists: boolean
}

/** Folders beyond this many are not tried. */
const MAX_PREFIXES = 64

/**
 * Looks for images where datasets in the wild keep them: under `images/<subset>`, `<subset>`,
 * `<subset>2017`, `data`, beside the annotations, then in any folder that holds images. What was right
 * for the last image is tried first. A subset with a folder of its own does not look into that of another: a
 * missing image is missing, even where the other one has an image of that name.
 */
export async function imagePlaces(
  folder: Pick<Folder, 'list' | 'has'>,
  file: CocoFile,
): Promise<ImagePlaces> {
  const prefixes = await likelyPrefixes(folder, file)
  let [last = ''] = prefixes
  const fallback = last
  return {
    find: async (fileName) => {
      const name = safeName(fileName)
      if (await folder.has(last + name)) return { path: last + name, prefix: last, exists: true }
      for (const prefix of prefixes) {
        if (!(await folder.has(prefix + name))) continue
        last = prefix
        return { path: prefix + name, prefix, exists: true }
      }
      return { path: fallback + name, prefix: fallback, exists: false }
    },
  }
}

/** Returns the part of a `file_name` that can be a path below the root. */
export function safeName(fileName: string): string {
  const segments = fileName
    .replaceAll('\\', '/')
    .replace(/^[a-z][a-z0-9+.-]*:\/*/i, '')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
  return segments.join('/').replaceAll('\0', '') || 'unnamed'
}

async function likelyPrefixes(
  folder: Pick<Folder, 'list'>,
  file: CocoFile,
): Promise<readonly string[]> {
  const { beside, isInAnnotations, root } = surroundings(file)
  const own = ownFolders(file)
  const usual = [...own, `${root}images/`, `${root}data/`, root, beside]
  // A file among its images (Roboflow) says by its own place where they are.
  const first = isInAnnotations || file.task === 'results' ? usual : [beside, ...usual]
  const holding = await foldersWithImages(folder)
  const known = first.filter((prefix) => holding.has(prefix))
  const foreign = known.some((prefix) => own.includes(prefix) || isBesideImages(prefix, file))
    ? await foldersOfOthers(folder, file)
    : []
  const others = [...holding]
    .filter((prefix) => !first.includes(prefix))
    .filter((prefix) => !foreign.some((theirs) => prefix.startsWith(theirs)))
    .slice(0, MAX_PREFIXES)
  const parents = first.filter((prefix) => [...holding].some((held) => held.startsWith(prefix)))
  const all = [...new Set([...known, ...parents, ...others])]
  if (all.length > 0) return all
  return [isInAnnotations || beside === '' ? `${root}images/${file.subset}/` : beside]
}

interface Surroundings {
  /** The folder of the annotation file. */
  readonly beside: string
  readonly isInAnnotations: boolean
  /** The folder of the dataset, as far as the path of the file says it. */
  readonly root: string
}

function surroundings({ path }: CocoFile): Surroundings {
  const beside = path.slice(0, path.lastIndexOf('/') + 1)
  const isInAnnotations = /(?:^|\/)annotations\/$/.test(beside)
  return {
    beside,
    isInAnnotations,
    root: isInAnnotations ? beside.replace(/annotations\/$/, '') : beside,
  }
}

/** The folders that are called like the subset, where they are usual. */
function ownFolders(file: CocoFile): readonly string[] {
  const { subset } = file
  const { root } = surroundings(file)
  return [
    `${root}images/${subset}/`,
    `${root}${subset}/`,
    `${root}${subset}2017/`,
    `${root}${subset}2014/`,
    `${root}images/${subset}2017/`,
  ]
}

/** Whether a folder is that of the annotation file, and called like its subset (Roboflow). */
function isBesideImages(prefix: string, file: CocoFile): boolean {
  return prefix === surroundings(file).beside && `/${prefix}`.endsWith(`/${file.subset}/`)
}

/** The folders that belong to another subset, as the names of the annotation files say. */
async function foldersOfOthers(
  folder: Pick<Folder, 'list'>,
  file: CocoFile,
): Promise<readonly string[]> {
  const own = new Set([...ownFolders(file), surroundings(file).beside])
  const files = (await folder.list()).flatMap((path) => fileByName(path) ?? [])
  const folders = files.flatMap((other) => {
    if (other.subset === file.subset) return []
    const { beside } = surroundings(other)
    return [...ownFolders(other), ...(isBesideImages(beside, other) ? [beside] : [])]
  })
  return [...new Set(folders)].filter((prefix) => !own.has(prefix))
}

async function foldersWithImages(folder: Pick<Folder, 'list'>): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  let last = '-'
  for (const path of await folder.list()) {
    const prefix = path.slice(0, path.lastIndexOf('/') + 1)
    if (prefix === last || !isImagePath(path)) continue
    last = prefix
    found.add(prefix)
  }
  return found
}
