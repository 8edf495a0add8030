import fs from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'

/** Where a repository of this machine keeps its parts. */
export interface GitLocations {
  /** Holds HEAD; a linked working tree has one of its own. */
  readonly head: string
  /** Holds branches and tags. */
  readonly refs: string
  /** Git folders whose objects count: its own, then those it borrows from. */
  readonly objects: readonly [string, ...string[]]
}

const MAX_ALTERNATES = 16

/** Returns where the repository of a folder is, or undefined when there is none. */
export function gitLocations(folder: string): GitLocations | undefined {
  const head = gitFolder(folder)
  if (head === undefined) return undefined
  const common = readText(path.join(head, 'commondir'))?.trim()
  const refs = common === undefined ? head : path.resolve(head, common)
  const objects: [string, ...string[]] = [refs]
  for (const gitdir of objects) {
    for (const borrowed of alternatesOf(gitdir)) {
      if (!objects.includes(borrowed) && objects.length < MAX_ALTERNATES) objects.push(borrowed)
    }
  }
  return { head, refs, objects }
}

function gitFolder(folder: string): string | undefined {
  const inside = path.join(folder, '.git')
  if (isGitFolder(inside)) return inside
  // Submodules and linked working trees have a file there.
  const [, linked] = /^gitdir: (.+)$/m.exec(readText(inside) ?? '') ?? []
  if (linked !== undefined) return path.resolve(folder, linked.trim())
  return isGitFolder(folder) ? folder : undefined
}

function isGitFolder(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => fs.existsSync(path.join(folder, name)))
}

function alternatesOf(gitdir: string): readonly string[] {
  const text = readText(path.join(gitdir, 'objects', 'info', 'alternates')) ?? ''
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => path.dirname(path.resolve(gitdir, 'objects', line)))
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined
    throw error
  }
}
