import { parameterValuesOf } from '@dsv/pipeline'
import type { Command } from '../command.ts'
import { valueCommand } from '../value-command.ts'

/** `dsv params`: the parameters of pipelines. */
export const paramsCommand: Command = valueCommand({
  name: 'params',
  summary: 'Show and compare the parameters of pipelines.',
  details: [
    'Parameters are what the files hold that stages name under `params`, or take values of their texts from.',
    'diff compares the last commit with the files on disk, a revision with them, or two revisions.',
  ].join('\n'),
  examples: [
    ['dsv params diff', 'What changed since the last commit'],
    ['dsv params diff v1.0 main --md', 'Between two versions, as a table in Markdown'],
    ['dsv params show', 'All that there are'],
  ],
  hasUsed: true,
  read: parameterValuesOf,
})
