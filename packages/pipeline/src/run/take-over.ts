import { contentIdOf, operationInfo, partAt, type Repository, workingParts } from '@dsv/core'
import { stageAddress } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { runDigest } from '../run-cache/run-digest.ts'
import type { StageInputs } from '../stale/stage-inputs.ts'
import { diskId } from './disk-id.ts'
import { inTurn } from './in-turn.ts'
import { publishStage } from './publish-stage.ts'
import type { MadeOutput } from './stage-product.ts'

/** A stage that DVC has run, and of which nothing has changed since. */
export interface TakenStage {
  readonly stage: PipelineStage
  readonly inputs: StageInputs
  readonly scratch: string
  readonly tool: string
}

/** Stages what DVC made and records the stage in `dsv.lock`; nothing runs. */
export async function takeOver(
  repository: Repository,
  { stage, inputs, scratch, tool }: TakenStage,
): Promise<void> {
  const info = operationInfo(repository.environment, `take over ${stageAddress(stage)}`)
  await repository.store.write(info, async (session) => {
    const outputs: MadeOutput[] = []
    for (const { path, isStored } of stage.outputs) {
      const place = `${repository.folder}/${path}`
      if (!isStored) {
        outputs.push({ path, id: await diskId(repository, place, path) })
        continue
      }
      const [found] = await inTurn(repository, async () =>
        workingParts(repository, session, [path]),
      )
      if (found === undefined) continue
      const part = await partAt(session, found.snapshot, found.at)
      outputs.push({ path, id: await contentIdOf(session, part.files), part })
    }
    await session.checkpoint()
    const product = { inputs, outputs, isRepeatable: true }
    const digest = runDigest(stage, inputs)
    await publishStage(repository, { stage, product, scratch, digest, tool })
  })
}
