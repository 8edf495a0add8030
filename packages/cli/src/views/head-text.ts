import type { Head } from '@dsv/store'
import { shortId } from './quantities.ts'

const BRANCH_PREFIX = 'refs/heads/'

/** Returns the name of the branch that HEAD is on; undefined when it is detached. */
export function branchName(head: Head): string | undefined {
  if (head.type === 'detached') return undefined
  return head.name.startsWith(BRANCH_PREFIX) ? head.name.slice(BRANCH_PREFIX.length) : head.name
}

/** Returns where HEAD stands: `On branch main`, `HEAD is detached at 1a2b3c4d5e`. */
export function headText(head: Head): string {
  const branch = branchName(head)
  if (branch !== undefined) return `On branch ${branch}`
  return head.type === 'detached' ? `HEAD is detached at ${shortId(head.commit)}` : ''
}
