import type * as Isomorphic from 'isomorphic-git'
import type { FsClient } from 'isomorphic-git'
import { checkPath } from '@dsv/core'
import { gitFailed } from '../errors.ts'
import type { GitEntry } from './git-tree.ts'

/** One name in a folder of Git. */
export interface GitTreeEntry {
  readonly name: string
  readonly mode: GitEntry['type'] | 'tree'
  readonly oid: string
}

/** Objects of a repository by their ids. */
export interface GitObjects {
  /** Returns the names in a folder. @throws `DSV_GIT_FAILED`, `DSV_PATH_UNSAFE` */
  tree(oid: string): Promise<readonly GitTreeEntry[]>
  /** Returns the id of a folder in a commit, or undefined when there is no such folder. */
  treeOf(commitId: string, folder: string): Promise<string | undefined>
  blob(oid: string): Promise<Uint8Array>
  /** Returns when a commit was made, in milliseconds since 1970 UTC by the clock of who made it. */
  committedMs(commitId: string): Promise<number>
}

/** Reads objects from the first of some Git folders that has them. */
export function gitObjects(fs: FsClient, gitdirs: readonly string[], location: string): GitObjects {
  // Holds the indexes of packs between calls.
  const cache = {}
  async function inAny<Result>(
    read: (git: Git, place: { fs: FsClient; gitdir: string; cache: object }) => Promise<Result>,
  ): Promise<Result> {
    const git = await import('isomorphic-git')
    let failure: unknown
    for (const gitdir of gitdirs) {
      try {
        return await read(git, { fs, gitdir, cache })
      } catch (error) {
        failure ??= error
        if (gitErrorCode(error) !== 'NotFoundError') break
      }
    }
    throw gitFailed(location, describeGitError(failure), failure)
  }
  async function tree(oid: string): Promise<readonly GitTreeEntry[]> {
    const { tree: entries } = await inAny((git, place) => git.readTree({ ...place, oid }))
    return entries.map(({ path: name, mode, oid: child }) => {
      checkName(name)
      return { name, mode: modeOf(mode), oid: child }
    })
  }
  return {
    tree,
    async treeOf(commitId, folder) {
      const { commit } = await inAny((git, place) => git.readCommit({ ...place, oid: commitId }))
      let oid = commit.tree
      for (const part of folder === '' ? [] : folder.split('/')) {
        const found = (await tree(oid)).find(({ name, mode }) => name === part && mode === 'tree')
        if (found === undefined) return undefined
        oid = found.oid
      }
      return oid
    },
    async committedMs(commitId) {
      const { commit } = await inAny((git, place) => git.readCommit({ ...place, oid: commitId }))
      return commit.committer.timestamp * 1000
    },
    blob: async (oid) => (await inAny((git, place) => git.readBlob({ ...place, oid }))).blob,
  }
}

type Git = typeof Isomorphic

/** Returns the code of an error of isomorphic-git. */
export function gitErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Returns one line about an error of isomorphic-git, or of the network below it. */
export function describeGitError(error: unknown): string {
  const cause = property(error, 'cause')
  const why = gitErrorCode(cause) ?? messageOf(cause)
  return `${messageOf(error) ?? 'for unknown reasons'}${why === undefined ? '' : ` (${why})`}`
}

function messageOf(error: unknown): string | undefined {
  const message = property(error, 'message')
  return typeof message === 'string' ? message.split('\n', 1)[0]?.slice(0, 300) : undefined
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** Git refuses to add such names; who makes trees by hand may still send one. */
function checkName(name: string): void {
  if (name.includes('/')) checkPath(`/${name}`)
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) checkPath(name)
}

function modeOf(mode: string): GitTreeEntry['mode'] {
  switch (mode.replace(/^0+/, '')) {
    case '40000':
      return 'tree'
    case '120000':
      return 'symlink'
    case '160000':
      return 'submodule'
    case '100755':
      return 'executable'
    default:
      return 'file'
  }
}
