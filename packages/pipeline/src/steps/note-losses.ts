import type { LossSummary } from '@dsv/core'
import type { PipelineStepContext } from './pipeline-step.ts'

/** Tells of what a format cannot hold, as often as it occurs. */
export function noteLosses(
  losses: readonly LossSummary[],
  format: string,
  onNote: PipelineStepContext['onNote'],
): void {
  for (const { what, count, examples } of losses)
    for (let at = 0; at < count; at += 1)
      onNote({
        what: `${format} cannot hold: ${what}`,
        where: examples[at] ?? examples.at(-1) ?? '',
      })
}
