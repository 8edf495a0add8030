import { deriveKeyHash, encodeCanonical } from '@dsv/store'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { StageInputs } from '../stale/stage-inputs.ts'

/** To be raised when the same inputs shall no longer stand for the same outputs. */
const VERSION = 1

/**
 * Returns the digest of everything that goes into a stage, 64 hexadecimal digits; undefined where that does not
 * decide what comes out: it runs always, something is missing, or it finds what it made before.
 */
export function runDigest(
  { outputs, alwaysRuns }: PipelineStage,
  { action, parameters, dependencies }: StageInputs,
): string | undefined {
  const ids = [...dependencies]
  const isDecided =
    !alwaysRuns &&
    outputs.length > 0 &&
    outputs.every(({ persists }) => !persists) &&
    ids.every(([, id]) => id !== undefined)
  if (!isDecided) return undefined
  const made = outputs.map(({ path }) => path).toSorted()
  const read = ids.toSorted(([a], [b]) => (a < b ? -1 : 1))
  const bytes = encodeCanonical([VERSION, action, parameters, read, made])
  return Buffer.from(deriveKeyHash('dsv run v1', bytes)).toString('hex')
}
