import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Repository, resolveCommit } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import type { CommandIo } from './io.ts'

/** A revision, and paths as typed. */
export interface RevisionAndPaths {
  readonly revision: string | undefined
  readonly paths: readonly string[]
}

/**
 * Tells a revision from paths, as Git does: what follows `--` is paths; before it the first word is a
 * revision when it names a commit.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN` when the first word is neither
 */
export async function splitRevisionAndPaths(
  repository: Repository,
  io: CommandIo,
  words: readonly string[],
  after: readonly string[],
): Promise<RevisionAndPaths> {
  const [first, ...rest] = words
  if (first === undefined) return { revision: undefined, paths: after }
  if (await namesCommit(repository, io, first))
    return { revision: first, paths: [...rest, ...after] }
  return { revision: undefined, paths: [...words, ...after] }
}

/**
 * Returns whether a word names a commit; false only when something on disk has that name.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`
 */
export async function namesCommit(
  repository: Repository,
  io: CommandIo,
  word: string,
): Promise<boolean> {
  // HEAD is a revision before the first commit too.
  if (word === 'HEAD') return true
  try {
    await resolveCommit(repository, word)
    return true
  } catch (error) {
    const isUnknown =
      isDsvError(error, 'DSV_REVISION_UNKNOWN') || isDsvError(error, 'DSV_REVISION_SYNTAX')
    if (isUnknown && existsSync(path.resolve(io.folder, word))) return false
    throw error
  }
}
