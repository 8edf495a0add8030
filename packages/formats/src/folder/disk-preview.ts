import { type Folder, fileNotFound, PREVIEW_FILES, PREVIEW_FOLDERS } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import path from 'node:path'
import { compareText } from '../shared/compare-text.ts'
import { fileInside, openInside } from './disk-folder.ts'
import { readWhole } from './open-file.ts'
import { pathsBelow } from './path-list.ts'
import { isReserved } from './safe-path.ts'

/** A folder whose listing holds what formats are told by. */
export interface FolderPreview extends Folder {
  /** Returns whether the listing holds every file after all. */
  isComplete(): Promise<boolean>
}

/** Nobody needs more folders than this to tell a format. */
const MAX_FOLDERS = 2000

/** From here on further extensions are numbers, not kinds (`scan.0001`), and count as one. */
const MAX_KINDS = 500

/**
 * Returns the folder at `root` on disk as detection looks at it: only the first sub-folders of each
 * folder are walked, only the first files of each kind are listed. Every other file of the folder can be
 * opened by its path. Looking at a folder of a million files costs what reading its largest folders
 * costs.
 */
export function diskPreview(root: string): FolderPreview {
  const top = path.resolve(root)
  let walking: Promise<Walk> | undefined
  const walked = async (): Promise<Walk> => (walking ??= walk(top))
  const has = async (name: string): Promise<boolean> =>
    !name.includes('\0') && (await fileInside(top, name)) !== undefined
  const open: Folder['open'] = async (name) => {
    if (!(await has(name))) throw fileNotFound(name)
    return openInside(top, name)
  }
  return {
    list: async (under) => pathsBelow((await walked()).shown, under),
    isComplete: async () => (await walked()).isComplete,
    has,
    open,
    read: async (name) => {
      const file = await open(name)
      try {
        return await readWhole(file, name)
      } finally {
        await file.close()
      }
    },
  }
}

interface Walk {
  readonly shown: readonly string[]
  readonly isComplete: boolean
}

/** Level by level, so that a deep branch does not hide its neighbours. */
async function walk(root: string): Promise<Walk> {
  const shown: string[] = []
  let level: readonly string[] = ['']
  let walked = 0
  let isComplete = true
  while (level.length > 0) {
    const next: string[] = []
    const some = level.slice(0, MAX_FOLDERS - walked)
    walked += some.length
    if (some.length < level.length) isComplete = false
    for (const folder of some) {
      const inside = await namesIn(root, folder)
      for (const each of inside.files) shown.push(each)
      for (const each of inside.folders) next.push(each)
      isComplete &&= inside.isComplete
    }
    level = next
  }
  return { shown: shown.toSorted(compareText), isComplete }
}

/** What lies right in a folder: the first files of each kind and the first folders, as paths. */
async function namesIn(
  root: string,
  folder: string,
): Promise<{
  readonly files: readonly string[]
  readonly folders: readonly string[]
  readonly isComplete: boolean
}> {
  const folders = firstNames(PREVIEW_FOLDERS)
  const files = new Map<string, FirstNames>()
  for await (const entry of entriesOf(root, folder)) {
    if (isReserved(entry.name)) continue
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) folders.add(name)
    else if (entry.isFile() || (entry.isSymbolicLink() && (await fileInside(root, name)))) {
      const dot = entry.name.lastIndexOf('.')
      const extension = dot < 0 ? '' : entry.name.slice(dot)
      const kind = files.has(extension) || files.size < MAX_KINDS ? extension : ''
      const known = files.get(kind) ?? firstNames(PREVIEW_FILES)
      files.set(kind, known)
      known.add(name)
    }
  }
  const lists = [...files.values()]
  return {
    files: lists.flatMap((list) => list.sorted()),
    folders: folders.sorted(),
    isComplete: [folders, ...lists].every((list) => list.isComplete()),
  }
}

/** Reads a folder piece by piece: one of a million files takes little memory. */
async function* entriesOf(root: string, folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(path.join(root, folder), { bufferSize: 4096 })
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
    if (folder === '') throw fileNotFound(root)
  }
}

/** The first of many names in their order. */
interface FirstNames {
  add(name: string): void
  sorted(): readonly string[]
  isComplete(): boolean
}

function firstNames(limit: number): FirstNames {
  let names: string[] = []
  let isComplete = true
  const first = (): string[] => {
    if (names.length <= limit) return names.toSorted(compareText)
    isComplete = false
    return names.toSorted(compareText).slice(0, limit)
  }
  return {
    add: (name) => {
      names.push(name)
      if (names.length >= limit * 8) names = first()
    },
    sorted: first,
    isComplete: () => isComplete && names.length <= limit,
  }
}
