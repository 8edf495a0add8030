import { type Repository, withComparedTree } from '@dsv/core'
import { planStages, shareStages } from '@dsv/pipeline'
import { UsageError } from './failure.ts'

/** One share of the work of several machines; `2/3` is the second of three. */
export interface Part {
  /** From 1 on. */
  readonly at: number
  readonly of: number
}

/** More machines than this nobody has. */
const MOST_PARTS = 256

/** Returns the stages that one machine runs; none where there is nothing for it. */
export async function stagesOfPart(
  repository: Repository,
  { at, of }: Part,
): Promise<readonly string[]> {
  const shares = await stageShares(repository, of)
  return shares[at - 1] ?? []
}

/** Shares what is out of date among at most so many machines. */
export async function stageShares(
  repository: Repository,
  most: number,
): Promise<readonly (readonly string[])[]> {
  return withComparedTree(repository, async (compared) => {
    const { graph, planned } = await planStages(compared)
    return shareStages(graph, planned, most)
  })
}

/** Reads `2/3`. @throws `UsageError` */
export function partOf(typed: string): Part {
  const [, at, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(typed) ?? []
  const part = { at: Number(at), of: Number(of) }
  if (!(part.at >= 1 && part.at <= part.of && part.of <= MOST_PARTS))
    throw new UsageError('--part takes a share such as 2/3, the second of three.')
  return part
}
