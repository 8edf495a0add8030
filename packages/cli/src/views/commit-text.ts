import type { CommitOutcome } from '@dsv/core'
import { oneLine } from './annotation-text.ts'
import { countOf, shortId } from './quantities.ts'

/** Returns what was committed where: `[main 1a2b3c4d5e] first labels`, and how much it holds. */
export function commitText({ commitId, commit, branch }: CommitOutcome): string {
  const { count } = commit.files
  const root = commit.parents.length === 0 ? ' (first commit)' : ''
  const datasets = commit.datasets.size
  const holds = [countOf(count, 'file'), ...(datasets > 0 ? [countOf(datasets, 'dataset')] : [])]
  return [
    `[${branch?.replace(/^refs\/heads\//u, '') ?? 'detached HEAD'} ${shortId(commitId)}]${root} ${subjectOf(commit.message)}`,
    ` holds ${holds.join(', ')}`,
  ].join('\n')
}

/** Returns the first line of a message. */
export function subjectOf(message: string): string {
  return oneLine(message.trim().split('\n', 1)[0] ?? '')
}
