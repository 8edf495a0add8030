import type { Repository } from '@dsv/core'
import { readOperations } from '@dsv/store'
import { UsageError } from './failure.ts'
import { branchName } from './views/head-text.ts'

/** Returns the branch that HEAD was on before this one, from the log of operations. */
export async function previousBranch(repository: Repository): Promise<string> {
  for await (const { head } of readOperations(repository.store)) {
    const name = head?.from === undefined ? undefined : branchName(head.from)
    if (name !== undefined) return name
  }
  throw new UsageError('There is no branch before this one.')
}
