import { readFileSync } from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import ignore, { type Ignore } from 'ignore'

/** Says of paths (relative to the working tree, folders with a final `/`) whether they are left alone. */
export type IgnoreRules = (path: string) => boolean

/** The file of patterns, in the working tree and in any folder of it. */
export const IGNORE_FILE = '.dsvignore'

/** Folders and files that are never part of a snapshot. */
const NEVER = new Set(['.dsv', '.git'])

/** Marks the files that a checkout writes before it renames them. */
const TEMPORARY = '.dsv-tmp-'

/**
 * Returns the rules of the working tree at `root`: the `.dsvignore` files of the root and of each
 * folder on the way, with the syntax of Git's `.gitignore`. Files are read when a folder is first met.
 */
export function readIgnoreRules(root: string): IgnoreRules {
  const byFolder = new Map<string, Ignore | undefined>()
  const rulesOf = (folder: string): Ignore | undefined => {
    if (!byFolder.has(folder)) byFolder.set(folder, readPatterns(path.join(root, folder)))
    return byFolder.get(folder)
  }
  return (candidate) => {
    const isFolder = candidate.endsWith('/')
    const bare = isFolder ? candidate.slice(0, -1) : candidate
    const name = bare.slice(bare.lastIndexOf('/') + 1)
    if (NEVER.has(name) || name.includes(TEMPORARY)) return true
    let verdict = false
    for (const folder of foldersAbove(bare)) {
      const rules = rulesOf(folder)
      if (rules === undefined) continue
      const inside = folder === '' ? candidate : candidate.slice(folder.length + 1)
      const result = rules.test(inside)
      if (result.ignored) verdict = true
      if (result.unignored) verdict = false
    }
    return verdict
  }
}

function readPatterns(folder: string): Ignore | undefined {
  try {
    const text = readFileSync(path.join(folder, IGNORE_FILE), 'utf8')
    return ignore({ allowRelativePaths: true }).add(text)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw error
  }
}

/** The root, then each folder on the way to `file`: `''`, `a`, `a/b`. */
function foldersAbove(file: string): string[] {
  const folders = ['']
  for (let at = file.indexOf('/'); at >= 0; at = file.indexOf('/', at + 1))
    folders.push(file.slice(0, at))
  return folders
}
