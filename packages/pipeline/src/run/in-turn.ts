import { setTimeout } from 'node:timers/promises'
import { isDsvError, type Repository } from '@dsv/core'

/** How long a stage waits until other processes let it publish. */
const PATIENCE_MS = 60_000
const PAUSE_MS = 100

/** What ends by itself when another process is done. */
const PASSING = [
  'DSV_WORKING_TREE_BUSY',
  'DSV_STAGE_MOVED',
  'DSV_REF_MOVED',
  'DSV_ROOT_BUSY',
] as const

const last = new WeakMap<Repository, Promise<unknown>>()

/**
 * Runs `work` when what came before it on the same repository is done, and again as long as another process is in
 * its way. Work that looks at the working tree takes its turn too: the stat cache serves one at a time, and without it
 * every file would be read. It must not take another turn itself.
 */
export async function inTurn<Result>(
  repository: Repository,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = last.get(repository) ?? Promise.resolve()
  const turn = before.then(async () => untilDone(repository, work))
  last.set(
    repository,
    turn.catch(() => {}),
  )
  return turn
}

async function untilDone<Result>(
  repository: Repository,
  work: () => Promise<Result>,
): Promise<Result> {
  const { signal } = repository.environment
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      return await work()
    } catch (error) {
      const isPassing = PASSING.some((code) => isDsvError(error, code))
      if (!isPassing || waitedMs >= PATIENCE_MS) throw error
      await setTimeout(PAUSE_MS, undefined, { signal })
    }
  }
}
