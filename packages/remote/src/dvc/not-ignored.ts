import path from 'node:path'
import { foldersAbove, ignorePatterns } from '@dsv/core'
import { parentOf } from './collect-outs.ts'
import type { GitEntry, GitTree } from './git-tree.ts'

const MAX_BYTES = 2 ** 20

/**
 * Returns the files of a revision that DVC looks at: it leaves alone what the `.dvcignore` files say, in
 * the syntax of `.gitignore`, its own metadata included.
 *
 * @throws `DSV_GIT_FAILED`
 */
export async function notIgnored(
  tree: GitTree,
  entries: readonly GitEntry[],
): Promise<readonly GitEntry[]> {
  const rules = new Map<string, ReturnType<typeof ignorePatterns>>()
  for (const entry of entries) {
    if (path.posix.basename(entry.path) !== '.dvcignore' || entry.type === 'symlink') continue
    const bytes = await tree.read(entry)
    const text = new TextDecoder().decode(bytes.subarray(0, MAX_BYTES))
    rules.set(parentOf(entry.path), ignorePatterns(text))
  }
  if (rules.size === 0) return entries
  return entries.filter(({ path: file }) => {
    let isIgnored = false
    for (const folder of foldersAbove(file)) {
      const verdict = rules.get(folder)?.test(folder === '' ? file : file.slice(folder.length + 1))
      if (verdict?.ignored === true) isIgnored = true
      if (verdict?.unignored === true) isIgnored = false
    }
    return !isIgnored
  })
}
