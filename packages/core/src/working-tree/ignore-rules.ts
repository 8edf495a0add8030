import { lstatSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { isNowhere } from './stat-path.ts'

/** Says of paths (relative to the working tree, folders with a final `/`) whether they are left alone. */
export type IgnoreRules = (path: string) => boolean

/** The file of patterns, in the working tree and in any folder of it. */
export const IGNORE_FILE = '.dsvignore'

/** More patterns, of this working tree alone. */
export const EXCLUDE_FILE = '.dsv/local/exclude'

/** Folders and files that are never part of a snapshot. */
const NEVER = new Set(['.dsv', '.git'])

/** Links name commits for Git: no commit can hold the one that names it. */
const LINK_ENDING = '.dsvlink'

/** Marks the files that a checkout writes before it renames them; random digits follow. */
export const TEMPORARY = '.dsv-tmp-'

/**
 * Returns the rules of the working tree at `root`: `.dsv/local/exclude` and the `.dsvignore` files of the
 * root and of each folder on the way, with the syntax of Git's `.gitignore`. Files are read when a folder is first met.
 */
export function readIgnoreRules(root: string): IgnoreRules {
  const byFolder = new Map<string, readonly FolderRules[]>()
  /** The rules of a folder and of those above it, outermost first. */
  const rulesIn = (folder: string): readonly FolderRules[] => {
    const known = byFolder.get(folder)
    if (known !== undefined) return known
    const above =
      folder === '' ? [] : rulesIn(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))))
    const own = readPatterns(path.join(root, folder, IGNORE_FILE))
    const prefix = folder === '' ? 0 : folder.length + 1
    const rules = own === undefined ? above : [...above, { prefix, patterns: own }]
    byFolder.set(folder, rules)
    return rules
  }
  // Candidates come folder by folder.
  const local = readPatterns(path.join(root, EXCLUDE_FILE))
  if (local !== undefined) byFolder.set('', [{ prefix: 0, patterns: local }, ...rulesIn('')])
  let last = { folder: '', rules: rulesIn('') }
  return (candidate) => {
    const isFolder = candidate.endsWith('/')
    const bare = isFolder ? candidate.slice(0, -1) : candidate
    const slash = bare.lastIndexOf('/')
    if (isNeverNamed(bare.slice(slash + 1), isFolder)) return true
    const folderLength = Math.max(0, slash)
    if (folderLength !== last.folder.length || !bare.startsWith(last.folder)) {
      const folder = bare.slice(0, folderLength)
      last = { folder, rules: rulesIn(folder) }
    }
    let verdict = false
    for (const { prefix, patterns } of last.rules) {
      const result = patterns.test(candidate.slice(prefix))
      if (result.ignored) verdict = true
      if (result.unignored) verdict = false
    }
    return verdict
  }
}

/** Returns whether a path is left alone whatever the rules say. */
export function isNeverTracked(candidate: string): boolean {
  const isFolder = candidate.endsWith('/')
  const bare = isFolder ? candidate.slice(0, -1) : candidate
  return isNeverNamed(bare.slice(bare.lastIndexOf('/') + 1), isFolder)
}

function isNeverNamed(name: string, isFolder: boolean): boolean {
  if (NEVER.has(name) || name.includes(TEMPORARY)) return true
  return name.endsWith(LINK_ENDING) && !isFolder
}

/** The patterns of one folder, for paths from there: without so many characters at their start. */
interface FolderRules {
  readonly prefix: number
  readonly patterns: Pick<Ignore, 'test'>
}

function readPatterns(file: string): Pick<Ignore, 'test'> | undefined {
  try {
    // A link could lead out of the tree, and reading a pipe would wait for ever.
    if (!lstatSync(file).isFile()) return undefined
    return ignorePatterns(readFileSync(file, 'utf8'))
  } catch (error) {
    if (isNowhere(error)) return undefined
    throw error
  }
}

/** Returns what patterns in the syntax of Git's `.gitignore` say of paths relative to their folder. */
export function ignorePatterns(text: string): Pick<Ignore, 'test'> {
  return ignore({ allowRelativePaths: true, ignorecase: false }).add(text.replace(/^\uFEFF/, ''))
}

/** Returns the root, then each folder on the way to `file`: `''`, `a`, `a/b`. */
export function foldersAbove(file: string): string[] {
  const folders = ['']
  for (let at = file.indexOf('/'); at >= 0; at = file.indexOf('/', at + 1))
    folders.push(file.slice(0, at))
  return folders
}
