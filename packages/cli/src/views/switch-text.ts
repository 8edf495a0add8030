import type { SwitchOutcome } from '@dsv/core'
import { branchName } from './head-text.ts'
import { shortId } from './quantities.ts'

/** Returns where HEAD went: `Switched to branch main at 1a2b3c4d5e`. */
export function switchText(
  { head, commitId }: SwitchOutcome,
  { isNew = false }: { readonly isNew?: boolean } = {},
): string {
  const branch = branchName(head)
  const place = commitId === undefined ? ', which has no commit yet' : ` at ${shortId(commitId)}`
  if (branch !== undefined) return `Switched to ${isNew ? 'new ' : ''}branch ${branch}${place}\n`
  const hint = 'Commits made here belong to no branch; make one with `dsv switch -c <name>`.'
  return `HEAD is now detached${place}\n${hint}\n`
}
