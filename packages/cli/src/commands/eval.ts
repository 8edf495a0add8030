import path from 'node:path'
import { EVALUATION_TASKS } from '@dsv/analysis'
import type { DiffSide } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { diffSides } from '../diff-sides.ts'
import { compareVersions } from '../evaluation/compare-versions.ts'
import type { EvalOptions } from '../evaluation/eval-options.ts'
import { evaluateVersion } from '../evaluation/evaluate-version.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { repositoryPath } from '../repository-path.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv eval`: compares predictions with the ground truth. */
export const evalCommand: Command = defineCommand({
  name: 'eval',
  positionals: '[words..]',
  summary: 'Compare predictions with the ground truth.',
  details: [
    'Words are a dataset, a range of versions as in `dsv diff`, or both. With a range, or --compare, what',
    'changed between two versions is shown: every figure, and each annotation of which something else',
    'became, with the edit that made it so.',
  ].join('\n'),
  examples: [
    ['dsv eval data/street --predictions yolo', 'A layer of predictions: COCO figures by category'],
    ['dsv eval --predictions-file results.json', 'COCO results that nobody has added'],
    ['dsv eval --slice subset --slice size', 'Figures of each subset, and by size'],
    ['dsv eval --matches --json', 'Every right, wrong and missed object, a line each'],
    ['dsv eval main..fix-labels', 'What a branch changes, and why'],
  ],
  describe: (options) =>
    options
      .positional('words', {
        type: 'string',
        array: true,
        describe: 'Path of the dataset; a range of versions to compare',
      })
      .option('predictions', {
        alias: 'p',
        type: 'string',
        describe: 'The layer of predictions; default: the only one',
      })
      .option('predictions-file', {
        type: 'string',
        describe: 'A file of COCO results instead of a layer',
      })
      .option('task', {
        choices: EVALUATION_TASKS,
        describe: 'What is compared; default: what the predictions are',
      })
      .option('protocol', {
        choices: ['coco', 'voc'] as const,
        describe: 'The rules for boxes; default coco',
      })
      .option('rev', { alias: 'at', type: 'string', describe: 'A version; default: the stage' })
      .option('compare', { type: 'string', describe: 'Compare with this version' })
      .option('where', { type: 'string', describe: 'Only items that match a query' })
      .option('slice', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Also figures by an expression: subset, attributes.weather, area > 500, size',
      })
      .option('iou', {
        type: 'number',
        describe:
          'The overlap from which on an object is found, for outcomes and confusion; default 0.5',
      })
      .option('min-score', {
        type: 'number',
        describe: 'Leave predictions below out of outcomes and confusion',
      })
      .option('class-agnostic', {
        type: 'boolean',
        default: false,
        describe: 'Compare objects whatever their category',
      })
      .option('multi-label', {
        type: 'boolean',
        describe: 'Items may have several labels; default: as the truth has it',
      })
      .option('background', {
        choices: ['class', 'ignore'] as const,
        describe: 'Pixels without truth, in segmentation; default class',
      })
      .option('ignore', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'A category whose pixels are left out, in segmentation',
      })
      .option('sigmas', {
        type: 'string',
        describe: 'One number for each keypoint, with commas between',
      })
      .option('confusion', {
        type: 'boolean',
        default: false,
        describe: 'Also show what was taken for what',
      })
      .option('matches', {
        type: 'boolean',
        default: false,
        describe: 'List every object and prediction instead, and what became of it',
      })
      .option('curves', {
        type: 'string',
        describe: 'Write precision over recall to this file, as JSON',
      })
      .option('html', { type: 'string', describe: 'Write a page with plots to this file' })
      .option('on-error', {
        choices: ['fail', 'skip'] as const,
        default: 'fail' as const,
        describe: 'What to do with results that cannot be read',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async (args, io) => {
    exclude({ predictions: args.predictions, 'predictions-file': args.predictionsFile })
    const { words, range } = splitWords(args.words ?? [])
    const { rev, compare, predictionsFile } = args
    const sigmas = args.sigmas === undefined ? undefined : numbersOf(args.sigmas)
    checkShare('iou', args.iou)
    if (Number.isNaN(args.minScore)) throw new UsageError('--min-score takes a number.')
    await withRepository(io, async (repository) => {
      const [dataset, ...more] = words
      if (more.length > 0) throw new UsageError('One dataset is evaluated at a time.')
      const options: EvalOptions = {
        ...args,
        sigmas,
        dataset: dataset === undefined ? undefined : repositoryPath(repository, io, dataset),
        file: predictionsFile === undefined ? undefined : path.resolve(io.folder, predictionsFile),
      }
      if (range === undefined && compare === undefined) {
        await evaluateVersion(repository, io, rev ?? 'stage', options)
        return
      }
      if (args.matches || args.curves !== undefined || args.html !== undefined)
        throw new UsageError('Two versions are compared in text or JSON only.')
      if (range === undefined) {
        await compareVersions(repository, io, compare ?? 'HEAD', rev ?? 'stage', options)
        return
      }
      if (rev !== undefined || compare !== undefined)
        throw new UsageError('A range is compared by itself.')
      const sides = await diffSides(repository, io, { words: [range], paths: [], staged: false })
      await compareVersions(repository, io, revisionOf(sides.from), revisionOf(sides.to), options)
    })
  },
})

function splitWords(given: readonly string[]): {
  readonly words: readonly string[]
  readonly range: string | undefined
} {
  const isRange = (word: string): boolean =>
    /[^./]\.\.|\.\.[^./]/u.test(word) && !word.includes('/../') && !word.startsWith('../')
  const [range, second] = given.filter(isRange)
  if (second !== undefined) throw new UsageError('One range can be compared, not more.')
  return { words: given.filter((word) => !isRange(word)), range }
}

function revisionOf(side: DiffSide): string {
  return side.type === 'revision' ? side.revision : 'stage'
}

function numbersOf(text: string): readonly number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (numbers.some((number) => !(number > 0 && number < Infinity)))
    throw new UsageError(`--sigmas takes numbers above 0 with commas between, not ${text}`)
  return numbers
}

function checkShare(option: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0 && value <= 1))
    throw new UsageError(`--${option} takes a number above 0, and 1 at most.`)
}
