import type { PipelineStatus } from '../pipeline-status.ts'
import { oneLine } from './annotation-text.ts'
import { countText } from './quantities.ts'
import { staleReasonText } from './stale-reason-text.ts'

const MAX_STAGES = 40
const MAX_REASONS = 3

/** Returns what the status says of stages that are out of date; nothing where all are up to date. */
export function staleLines({ stages, problem }: PipelineStatus): readonly string[] {
  if (problem !== undefined) return ['', `The pipelines cannot be read: ${oneLine(problem)}`]
  if (stages.length === 0) return []
  const more = stages.length - MAX_STAGES
  return [
    '',
    'Stages that are out of date:',
    '  (use "dsv run" to run them)',
    ...stages.slice(0, MAX_STAGES).map(({ stage, reasons }) => {
      const shown = reasons.slice(0, MAX_REASONS).map(staleReasonText)
      const others = reasons.length > MAX_REASONS ? ', …' : ''
      return `        ${oneLine(`${stage}: ${shown.join(', ')}${others}`)}`
    }),
    ...(more > 0 ? [`        … and ${countText(more)} more`] : []),
  ]
}
