import { type CheckReport, checkDataset, countBySeverity } from '@dsv/analysis'
import { type Json, transformContext } from '@dsv/core'
import { optionInvalid } from '@dsv/steps'
import { checkFound } from '../errors.ts'
import { metricsPart } from './metrics-part.ts'
import type { PipelineStep } from './pipeline-step.ts'

/** Looks for what is wrong in a dataset; a stage whose dataset is wrong fails. */
export const checkStep: PipelineStep = {
  name: 'check',
  summary: 'Look for what is wrong in a dataset, as JSON; the stage fails when there is something',
  inputs: 'one',
  options: {
    only: { type: 'list', describe: 'Only these checks' },
    skip: { type: 'list', describe: 'All checks but these' },
    pixels: { type: 'boolean', describe: 'Read the pixels of images too' },
    'fail-on': {
      type: 'string',
      choices: ['error', 'warning', 'never'],
      describe: 'The stage fails on errors, which is the default, on warnings too, or never',
    },
  },
  makes: 'metrics',
  run: async ({ repository, session, inputs: [input], options, signal }) => {
    if (input === undefined) throw optionInvalid('check', 'from', 'names no dataset')
    const { only, skip, pixels, 'fail-on': failOn = 'error' } = options
    const context = transformContext(repository, session)
    const report = await checkDataset(await input.view(), {
      ...(Array.isArray(only) && { only: only.map(String) }),
      ...(Array.isArray(skip) && { skip: skip.map(String) }),
      ...(pixels === true && { pixels }),
      format: await input.format(),
      signal,
      readMedia: async (media) => context.readMedia(media),
    })
    checkGood(input.path, report, failOn)
    const value: Json = JSON.parse(JSON.stringify(report))
    return metricsPart(session, value)
  },
}

function checkGood(dataset: string, report: CheckReport, failOn: unknown): void {
  const { error, warning } = countBySeverity([report])
  const bad = failOn === 'never' ? 0 : failOn === 'warning' ? error + warning : error
  if (bad === 0) return
  const [first] = report.checks.filter(({ found, severity }) => found > 0 && severity !== 'info')
  throw checkFound(dataset, bad, first?.name ?? '')
}
