import {
  compareStatistics,
  comparisonPage,
  type Statistics,
  statisticsOf,
  statisticsPage,
} from '@dsv/analysis'
import { compileQuery, isDsvError, readDatasets, type Repository } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { diffSides } from '../diff-sides.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { comparisonLines } from '../views/comparison-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { statisticsLines } from '../views/statistics-lines.ts'
import { withRepository } from '../with-repository.ts'
import { pageFile, writePage } from '../write-page.ts'

/** `dsv stats`: datasets in figures. */
export const statsCommand: Command = defineCommand({
  name: 'stats',
  positionals: '[revisions..]',
  summary: 'Describe datasets in figures: items, images, annotations, categories and more.',
  details: [
    'Without a revision it is the stage that is described; with one, that version; two (or A..B) are',
    'compared. A...B compares B with where the two parted. What follows -- are paths of datasets; several',
    'are counted together.',
  ].join('\n'),
  examples: [
    ['dsv stats', 'All datasets that are staged'],
    ['dsv stats data/street --html street.html', 'One of them, as a page with plots'],
    ['dsv stats v1.0..v2.0', 'What changed in figures'],
    [`dsv stats --where 'layer = "ground_truth" and area < 1024'`, 'Only small annotations'],
    [
      `dsv stats --count 'crowded=count(category = "car") > 5' --group-by attributes.color`,
      'Your own',
    ],
  ],
  afterDashes: 'paths',
  describe: (options) =>
    options
      .positional('revisions', {
        type: 'string',
        array: true,
        describe: 'None, one, two, or a range; or paths of datasets',
      })
      .option('compare', {
        type: 'string',
        describe: 'Compare with this version, which comes first',
      })
      .option('subset', { type: 'string', describe: 'Only items of a subset' })
      .option('layer', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        describe: 'Count a layer, or `all`; default ground_truth',
      })
      .option('where', {
        type: 'string',
        describe: 'Only items that match a query; of them only the annotations that do',
      })
      .option('count', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        describe: 'Count what matches a query, which may have a name: name=query; several times',
      })
      .option('group-by', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        describe: 'Count the values of a field or expression; several times',
      })
      .option('pixels', {
        type: 'boolean',
        default: false,
        describe: 'Decode every image for the mean and deviation of its pixels',
      })
      .option('html', { type: 'string', describe: 'Write a page with plots to this file' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the figures as JSON' }),
  run: async (args, io) => {
    const counts = Object.fromEntries((args.count ?? []).map(namedQuery))
    const file = args.html === undefined ? undefined : pageFile(args.html, io)
    await withRepository(io, async (repository) => {
      const { before, at, paths } = await versionsOf(repository, io, {
        words: args.revisions ?? [],
        paths: args['--'] ?? [],
        compare: args.compare,
      })
      const request = {
        ...args,
        counts,
        groups: args.groupBy ?? [],
        layers: args.layer ?? [],
      }
      const found = await statisticsAt(repository, io, { ...request, at, paths })
      if (before === undefined) {
        const title = { title: `Statistics of ${nameOf(at)}`, about: aboutOf(found) }
        if (file !== undefined) await writePage(file, statisticsPage(title, found))
        const lines = args.json ? [] : statisticsLines(found, paintOf(io))
        print({ value: found, lines, json: args.json, page: args.html }, io)
        return
      }
      const from = await statisticsAt(repository, io, {
        ...request,
        at: before,
        paths,
        isQuiet: true,
      })
      const comparison = compareStatistics(from, found)
      const title = { title: `${nameOf(before)} and ${nameOf(at)}`, about: aboutOf(found) }
      if (file !== undefined) await writePage(file, comparisonPage(title, comparison))
      const lines = args.json ? [] : comparisonLines(comparison, paintOf(io))
      print({ value: comparison, lines, json: args.json, page: args.html }, io)
    })
  },
})

/** What is described, and what it is compared with. */
interface Versions {
  /** Undefined for the stage. */
  readonly at: string | undefined
  readonly before: string | undefined
  readonly paths: readonly string[]
}

/** Takes the words as `dsv diff` does, but what is on disk is no side. */
async function versionsOf(
  repository: Repository,
  io: CommandIo,
  {
    words,
    paths,
    compare,
  }: { words: readonly string[]; paths: readonly string[]; compare: string | undefined },
): Promise<Versions> {
  const sides = await diffSides(repository, io, { words, paths, staged: false })
  const { from, to } = sides
  const first = from.type === 'revision' ? from.revision : undefined
  const second = to.type === 'revision' ? to.revision : undefined
  if (second === undefined) return { at: first, before: compare, paths: sides.paths }
  if (compare !== undefined) throw new UsageError('`--compare` goes with one revision.')
  return { at: second, before: first, paths: sides.paths }
}

/** What of which version is counted. */
interface Request {
  readonly at: string | undefined
  readonly paths: readonly string[]
  readonly subset: string | undefined
  readonly where: string | undefined
  readonly layers: readonly string[]
  readonly counts: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  readonly pixels: boolean
  /** The same warnings were shown before. */
  readonly isQuiet?: boolean
}

async function statisticsAt(
  repository: Repository,
  io: CommandIo,
  { at, paths, subset, where, layers, counts, groups, pixels, isQuiet = false }: Request,
): Promise<Statistics> {
  const { datasets, readMedia } = await readDatasets(repository, {
    datasets: paths,
    ...(at !== undefined && { at }),
  })
  const total = datasets.reduce((sum, { items }) => sum + items, 0)
  const warn = (warning: string): void => {
    if (!isQuiet) io.note(`warning: ${warning}\n`)
  }
  if (datasets.length === 0) warn(`There is no dataset in ${nameOf(at)}`)
  else if (subset !== undefined && !datasets.some(({ view }) => view.subsets.includes(subset)))
    warn(`There is no subset ${JSON.stringify(subset)}`)
  const found = await statisticsOf(datasets, {
    counts,
    groups,
    ...(subset !== undefined && { subset }),
    ...(where !== undefined && { where }),
    ...(layers.length > 0 && { layers }),
    ...(pixels && { readMedia }),
    signal: io.signal,
    onItem: (done) => io.onProgress({ task: 'counting', done, total, unit: 'items' }),
    onWarning: warn,
  })
  const known = found.annotations.byLayer.map(({ layer }) => layer)
  const others = known.filter((layer) => !found.layers.includes(layer))
  for (const layer of found.layers)
    if (known.length > 0 && !known.includes(layer))
      warn(`Nothing is in layer ${layer}; there is ${others.join(', ')}`)
  return found
}

/** A result, as programs and as people read it. */
interface Shown {
  readonly value: unknown
  readonly lines: readonly string[]
  readonly json: boolean
  /** Where it was also written as a page. */
  readonly page: string | undefined
}

function print({ value, lines, json, page }: Shown, io: CommandIo): void {
  if (json) io.out(jsonText(value))
  for (const line of lines) io.out(`${line}\n`)
  if (page !== undefined && !json) io.note(`Wrote ${page}\n`)
}

function nameOf(at: string | undefined): string {
  return at ?? 'the stage'
}

function aboutOf({ datasets, layers }: Statistics): string {
  return `${datasets.map(({ path }) => path || '.').join(', ')}; layers: ${layers.join(', ')}`
}

/** Returns a name and a query; a query alone is its own name. @throws `DSV_QUERY_SYNTAX` */
function namedQuery(text: string): readonly [string, string] {
  try {
    compileQuery(text)
    return [text, text]
  } catch (error) {
    const [, name, query] = /^\s*([^="]+?)\s*=(?!=)(.*)$/su.exec(text) ?? []
    if (name === undefined || query === undefined || !isDsvError(error, 'DSV_QUERY_SYNTAX'))
      throw error
    compileQuery(query)
    return [name, query]
  }
}
