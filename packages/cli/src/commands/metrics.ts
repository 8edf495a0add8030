import { metricsValuesOf } from '@dsv/pipeline'
import type { Command } from '../command.ts'
import { valueCommand } from '../value-command.ts'

/** `dsv metrics`: the metrics of pipelines. */
export const metricsCommand: Command = valueCommand({
  name: 'metrics',
  summary: 'Show and compare the metrics that pipelines make.',
  details: [
    'Metrics are the numbers in files that stages name under `metrics`. diff compares the last commit with',
    'the files on disk, a revision with them, or two revisions.',
  ].join('\n'),
  examples: [
    ['dsv metrics show', 'All that there are'],
    ['dsv metrics show v1.0 main', 'Those of two versions, side by side'],
    ['dsv metrics diff main', 'What changed since a version'],
  ],
  hasUsed: false,
  read: metricsValuesOf,
})
