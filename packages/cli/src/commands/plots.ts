import { type DiffSide, isBelow, type Repository, resolveCommit } from '@dsv/core'
import { type AllPlotData, plotsPage, readPlotData, sideReader } from '@dsv/pipeline'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { didYouMean } from '../parse-arguments.ts'
import { repositoryPaths } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'
import { pageFile, writePage } from '../write-page.ts'

const ACTIONS = ['show', 'diff']

/** `dsv plots`: draws the plots of pipelines. */
export const plotsCommand: Command = defineCommand({
  name: 'plots',
  positionals: '<action> [revisions..]',
  summary: 'Draw the plots of pipelines into a page of HTML.',
  details: [
    'Plots are the files that stages and pipeline files name under `plots`: CSV, TSV, JSON, YAML and images.',
    'show draws the files on disk, or the named revisions; diff draws the last commit, or one revision, and the',
    'files on disk into the same plots. The page needs nothing else and runs no script.',
  ].join('\n'),
  examples: [
    ['dsv plots show', 'Write plots.html'],
    ['dsv plots diff main', 'What main and the files on disk have, in one plot each'],
    ['dsv plots show v1.0 v2.0 --html both.html -- roc.csv', 'One plot of two versions'],
  ],
  afterDashes: 'paths',
  describe: (options) =>
    options
      .positional('action', {
        type: 'string',
        demandOption: true,
        describe: 'show: draw them; diff: with the files on disk',
      })
      .positional('revisions', {
        type: 'string',
        array: true,
        describe: 'Revisions; paths of plots after --',
      })
      .option('html', {
        type: 'string',
        default: 'plots.html',
        describe: 'Where the page is written',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print the data, write no page',
      }),
  run: async ({ action, revisions = [], html, json, '--': paths }, io) => {
    if (!ACTIONS.includes(action))
      throw new UsageError(
        `There is no action "${action}" of \`dsv plots\`.${didYouMean(action, ACTIONS)}`,
      )
    const file = json ? undefined : pageFile(html, io)
    await withRepository(io, async (repository) => {
      const sides = await sidesOf(repository, action, revisions)
      const under = repositoryPaths(repository, io, paths)
      const data = await readPlotData(
        sides,
        (path) => under.length === 0 || under.some((each) => isBelow(path, each)),
      )
      for (const problem of data.problems) io.note(`${problem}\n`)
      if (file === undefined) io.out(jsonText(jsonPlots(data)))
      else if (data.plots.length === 0) io.note('There are no plots.\n')
      else {
        await writePage(file, plotsPage(data.plots, sides.map(({ name }) => name).join(', ')))
        io.out(`Wrote ${countOf(data.plots.length, 'plot')} to ${html}\n`)
      }
    })
  },
})

async function sidesOf(
  repository: Repository,
  action: string,
  revisions: readonly string[],
): Promise<Parameters<typeof readPlotData>[0]> {
  const named = action === 'diff' && revisions.length === 0 ? ['HEAD'] : revisions
  for (const revision of named) await resolveCommit(repository, revision)
  const withDisk = named.length === 0 || (action === 'diff' && named.length === 1)
  const sides: readonly DiffSide[] = [
    ...named.map((revision) => ({ type: 'revision' as const, revision })),
    ...(withDisk ? [{ type: 'working-tree' as const }] : []),
  ]
  return sides.map((side) => ({
    name: side.type === 'revision' ? side.revision : 'working tree',
    reader: sideReader(repository, side),
  }))
}

function jsonPlots({ plots }: AllPlotData): unknown {
  return plots.map(({ name, plot: { title, template, xLabel, yLabel }, series, images }) => ({
    name,
    ...(title !== undefined && { title }),
    ...(template !== undefined && { template }),
    ...(xLabel !== undefined && { xLabel }),
    ...(yLabel !== undefined && { yLabel }),
    series,
    images: images.map((image) => ({
      name: image.name,
      mediaType: image.mediaType,
      sizeBytes: image.bytes.length,
    })),
  }))
}
