import { type ComparedStage, type Repository, withComparedTree } from '@dsv/core'
import { inTurn } from './in-turn.ts'

/** Compares paths of the working tree with the stage, when it is the turn of the caller. */
export async function comparedInTurn<Result>(
  repository: Repository,
  paths: readonly string[],
  work: (compared: ComparedStage) => Promise<Result>,
): Promise<Result> {
  return inTurn(repository, async () => withComparedTree(repository, work, paths))
}
