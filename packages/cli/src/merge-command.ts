import { abortMerge, commit, type MergeResult, type Repository } from '@dsv/core'
import { DONE, FAILED } from './command.ts'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { commitText } from './views/commit-text.ts'
import { jsonText } from './views/json-text.ts'
import { countLosses, lossLines } from './views/loss-lines.ts'
import { mergeLines } from './views/merge-lines.ts'
import { paintOf } from './views/paint.ts'

/** Gives up the merge, cherry-pick or revert that waits. */
export async function abortPending(repository: Repository, io: CommandIo): Promise<number> {
  const kind = await abortMerge(repository)
  io.out(`Gave up the ${kind}. Stage and files are what HEAD holds.\n`)
  return DONE
}

/** Commits the merge, cherry-pick or revert whose conflicts are settled. */
export async function continuePending(repository: Repository, io: CommandIo): Promise<number> {
  const { work } = await repository.state()
  if (work.merge === undefined) throw new UsageError('There is nothing to continue.')
  io.out(`${commitText(await commit(repository, { message: work.merge.message }))}\n`)
  return DONE
}

/** Prints the result of a merge, cherry-pick, revert or stash. Returns the exit code. */
export function printMergeResult(
  result: MergeResult,
  io: CommandIo,
  { verb, json = false }: { readonly verb: string; readonly json?: boolean },
): number {
  if (json) io.out(jsonText(result))
  else {
    for (const line of mergeLines(result, verb, paintOf(io))) io.out(`${line}\n`)
    for (const line of lossLines(countLosses(result.losses), 'the files cannot hold'))
      io.note(`${line}\n`)
  }
  return result.type === 'conflicts' ? FAILED : DONE
}
