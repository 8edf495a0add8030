import { getEntry, type ObjectReader, type TreeRef } from '@dsv/store'
import { encodePath } from '../record/file-record.ts'

/**
 * Returns the paths of a file tree that cannot stay when `added` come to it: each path is a file or a
 * folder, never both, and a folder is not recorded as empty when something lies in it.
 */
export async function findClashes(
  reader: ObjectReader,
  tree: TreeRef,
  added: Iterable<string>,
): Promise<readonly string[]> {
  const clashes: string[] = []
  const seen = new Set<string>()
  for (const path of added) {
    const bare = path.endsWith('/') ? path.slice(0, -1) : path
    for (let slash = bare.lastIndexOf('/'); slash > 0; slash = bare.lastIndexOf('/', slash - 1)) {
      const folder = bare.slice(0, slash)
      if (seen.has(folder)) break
      seen.add(folder)
      for (const clash of [folder, `${folder}/`])
        if ((await getEntry(reader, tree, encodePath(clash))) !== undefined) clashes.push(clash)
    }
  }
  return clashes
}
