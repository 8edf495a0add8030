import type { Folder } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'
import type { CocoFile } from './find-files.ts'

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
 * for the last image is tried first.
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
  { path, subset, task }: CocoFile,
): Promise<readonly string[]> {
  const beside = path.slice(0, path.lastIndexOf('/') + 1)
  const isInAnnotations = /(?:^|\/)annotations\/$/.test(beside)
  const root = isInAnnotations ? beside.replace(/annotations\/$/, '') : beside
  const usual = [
    `${root}images/${subset}/`,
    `${root}${subset}/`,
    `${root}${subset}2017/`,
    `${root}${subset}2014/`,
    `${root}images/${subset}2017/`,
    `${root}images/`,
    `${root}data/`,
    root,
    beside,
  ]
  // A file among its images (Roboflow) says by its own place where they are.
  const first = isInAnnotations || task === 'results' ? usual : [beside, ...usual]
  const holding = await foldersWithImages(folder)
  const known = first.filter((prefix) => holding.has(prefix))
  const others = [...holding].filter((prefix) => !first.includes(prefix)).slice(0, MAX_PREFIXES)
  const parents = first.filter((prefix) => [...holding].some((held) => held.startsWith(prefix)))
  const all = [...new Set([...known, ...parents, ...others])]
  if (all.length > 0) return all
  return [isInAnnotations || beside === '' ? `${root}images/${subset}/` : beside]
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
