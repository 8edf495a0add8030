import { type Folder, fileNotFound, PREVIEW_FOLDERS, previewFiles } from '@dsv/core'
import path from 'node:path'
import { compareText } from '../shared/compare-text.ts'
import { fileInside, openInside, readFolder } from './disk-folder.ts'
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
      const { files, folders } = await namesIn(root, folder)
      const preview = previewFiles(files)
      shown.push(...preview)
      next.push(...folders.slice(0, PREVIEW_FOLDERS))
      if (preview.length < files.length || folders.length > PREVIEW_FOLDERS) isComplete = false
    }
    level = next
  }
  return { shown: shown.toSorted(compareText), isComplete }
}

/** Paths of what lies right in a folder, sorted. */
async function namesIn(
  root: string,
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const files: string[] = []
  const folders: string[] = []
  for (const entry of await readFolder(root, folder)) {
    if (isReserved(entry.name)) continue
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) folders.push(name)
    else if (entry.isFile()) files.push(name)
    else if (entry.isSymbolicLink() && (await fileInside(root, name)) !== undefined)
      files.push(name)
  }
  return { files: files.toSorted(compareText), folders: folders.toSorted(compareText) }
}
