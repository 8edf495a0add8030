import { existsSync } from 'node:fs'
import path from 'node:path'
import { type DiffSide, mergeBases, type Repository, resolveCommit } from '@dsv/core'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { repositoryPaths } from './repository-path.ts'
import { namesCommit } from './split-revision-and-paths.ts'

/** The words of `dsv diff`. */
export interface DiffWords {
  /** Revisions, a range, or paths, as typed before `--`. */
  readonly words: readonly string[]
  /** What follows `--`. */
  readonly paths: readonly string[]
  readonly staged: boolean
}

/** What is compared. */
export interface DiffSides {
  readonly from: DiffSide
  readonly to: DiffSide
  readonly paths: readonly string[]
}

const STAGE: DiffSide = { type: 'stage' }
const DISK: DiffSide = { type: 'working-tree' }

/**
 * Returns the two sides that the words of `dsv diff` name, as Git understands them. Words that name no
 * commit but are there on disk are paths.
 *
 * @throws `UsageError`, `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`, `DSV_PATH_OUTSIDE`
 */
export async function diffSides(
  repository: Repository,
  io: CommandIo,
  { words, paths, staged }: DiffWords,
): Promise<DiffSides> {
  const { revisions, more } = await splitWords(repository, io, words)
  const [first, second, third] = revisions
  if (third !== undefined) throw new UsageError('Two revisions can be compared, not more.')
  const named = repositoryPaths(repository, io, [...more, ...paths])
  const range = first === undefined ? null : /^(.*?)(\.\.\.?)(.*)$/u.exec(first)
  if (range !== null) {
    if (second !== undefined) throw new UsageError('A range is compared by itself.')
    const [, from = '', dots, to = ''] = range
    const sides = [from || 'HEAD', to || 'HEAD'] as const
    const base = dots === '...' ? await commonBase(repository, sides) : sides[0]
    return { from: revision(base), to: revision(sides[1]), paths: named }
  }
  if (staged) {
    if (second !== undefined) throw new UsageError('`--staged` goes with one revision.')
    return { from: revision(first ?? 'HEAD'), to: STAGE, paths: named }
  }
  if (first === undefined) return { from: STAGE, to: DISK, paths: named }
  const to = second === undefined ? DISK : revision(second)
  return { from: revision(first), to, paths: named }
}

function revision(name: string): DiffSide {
  return { type: 'revision', revision: name }
}

async function splitWords(
  repository: Repository,
  io: CommandIo,
  words: readonly string[],
): Promise<{ readonly revisions: readonly string[]; readonly more: readonly string[] }> {
  for (const [at, word] of words.entries()) {
    if (word.includes('..') && !existsSync(path.resolve(io.folder, word))) continue
    if (await namesCommit(repository, io, word)) continue
    return { revisions: words.slice(0, at), more: words.slice(at) }
  }
  return { revisions: words, more: [] }
}

async function commonBase(
  repository: Repository,
  [a, b]: readonly [string, string],
): Promise<string> {
  const commits = { commit: repository.commit.bind(repository) }
  const left = await resolveCommit(repository, a)
  const right = await resolveCommit(repository, b)
  const [base] = await mergeBases(commits, left, right)
  if (base === undefined) throw new UsageError(`${a} and ${b} have no commit in common.`)
  return base
}
