import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { readIgnoreRules } from '@dsv/core'
import { isNowhere } from './is-nowhere.ts'
import { fileUnreadable } from '../errors.ts'
import { MAX_FILE_BYTES, PIPELINE_FILES, type PipelineReader } from './pipeline-reader.ts'

/**
 * Returns a reader of what lies on disk below `root`. What `.dsvignore` leaves out is not listed; links to folders
 * are not followed, and links that leave `root` are not there.
 */
export function workingTreeReader(root: string): PipelineReader {
  return {
    list: async () => listPipelineFiles(root),
    listBelow: async (folder) => [...filesBelow(root, folder, readIgnoreRules(root))].toSorted(),
    read: async (file) => {
      const place = realPlace(root, file)
      if (place === undefined) return undefined
      const { size } = statSync(place)
      if (size > MAX_FILE_BYTES)
        throw fileUnreadable(file, `is larger than ${MAX_FILE_BYTES / 2 ** 20} MB`)
      return readFile(place)
    },
  }
}

function listPipelineFiles(root: string): readonly string[] {
  const isIgnored = readIgnoreRules(root)
  return [...filesBelow(root, '', isIgnored)].filter(
    (file) => PIPELINE_FILES.includes(file.slice(file.lastIndexOf('/') + 1)) && !isIgnored(file),
  )
}

/** Rules are asked of folders only, not of the thousands of images in them. */
function* filesBelow(
  root: string,
  start: string,
  isIgnored: (path: string) => boolean,
): Generator<string> {
  const folders = [start]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(path.join(root, folder))) {
      const inside = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!entry.isDirectory()) yield inside
      else if (!isIgnored(`${inside}/`)) folders.push(inside)
    }
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isNowhere(error)) return []
    throw error
  }
}

function realPlace(root: string, file: string): string | undefined {
  try {
    const [top, place] = [realpathSync(root), realpathSync(path.join(root, file))]
    const isInside = place.startsWith(top + path.sep)
    return isInside && statSync(place).isFile() ? place : undefined
  } catch (error) {
    if (isNowhere(error)) return undefined
    throw error
  }
}
