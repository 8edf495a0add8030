import { type PathIndex, longestKnownEnd } from './path-index.ts'
import type { YoloSubset } from './layout.ts'
import type { YoloConfig } from './yolo-config.ts'

/** The subsets of a configuration with what of them is in the folder, and what is not. */
export interface ResolvedSubsets {
  readonly subsets: readonly YoloSubset[]
  readonly missing: readonly string[]
}

/** Finds the folders and lists that a configuration names, wherever its author had them. */
export function resolveSubsets(config: YoloConfig, index: PathIndex): ResolvedSubsets {
  const missing: string[] = []
  const subsets = config.subsets.map(({ name, sources, paths }): YoloSubset => {
    const folders: string[] = []
    const lists: string[] = []
    for (const path of paths) {
      const list = path.endsWith('.txt') ? longestKnownEnd(path, index.files) : undefined
      const folder = path === '' ? '' : findFolder(path, index)
      if (list !== undefined) lists.push(list)
      else if (folder !== undefined) folders.push(folder)
      else missing.push(`${name} names ${path}, which is not in the folder`)
    }
    return { name, sources, folders, lists }
  })
  return { subsets, missing }
}

const VALIDATION = ['val', 'valid', 'validation']

/** Exports often say `valid` where the folder is `val`, or the other way round. */
function findFolder(path: string, index: PathIndex): string | undefined {
  const found = longestKnownEnd(path, index.folders)
  if (found !== undefined && found.includes('/')) return found
  for (const other of VALIDATION) {
    const segments = path.split('/').map((part) => (VALIDATION.includes(part) ? other : part))
    const renamed = longestKnownEnd(segments.join('/'), index.folders)
    if (renamed !== undefined && (found === undefined || renamed.length > found.length))
      return renamed
  }
  return found
}
