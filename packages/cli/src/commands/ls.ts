import { type AnnotatedItem, list, listDatasets, listFiles, type Repository } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import type { CommandIo } from '../io.ts'
import { repositoryPath, typedPath } from '../repository-path.ts'
import { oneLine } from '../views/annotation-text.ts'
import { datasetLines } from '../views/dataset-lines.ts'
import { itemName } from '../views/item-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv ls`: lists datasets, items and files. */
export const lsCommand: Command = defineCommand({
  name: 'ls',
  positionals: '[dataset]',
  summary: 'List datasets; or the items of one, those that match a query, or files.',
  examples: [
    ['dsv ls', 'The datasets, with their subsets'],
    ['dsv ls data/street', 'The items of a dataset'],
    [`dsv ls data/street --where 'count(category = "car") > 5'`, 'Items with many cars'],
    ['dsv ls --files --at v1.0', 'The files of a version'],
  ],
  describe: (options) =>
    options
      .positional('dataset', { type: 'string', describe: 'Path of a dataset; or of a folder' })
      .option('at', {
        type: 'string',
        default: 'stage',
        describe: 'A revision, or the stage',
      })
      .option('where', { type: 'string', describe: 'Only items that match a query' })
      .option('subset', { type: 'string', describe: 'Only items of a subset' })
      .option('max-count', { alias: 'n', type: 'number', describe: 'At most so many' })
      .option('files', { type: 'boolean', default: false, describe: 'List files instead' })
      .option('count', {
        type: 'boolean',
        default: false,
        describe: 'Of datasets: count annotations by category; of items: print only how many',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Print a list as JSON; items come with all annotations',
      }),
  run: async (args, io) => {
    exclude({ files: args.files, where: args.where })
    await withRepository(io, async (repository) => {
      const named =
        args.dataset === undefined ? undefined : repositoryPath(repository, io, args.dataset)
      const request = { ...args, named }
      if (args.files) await printFiles(repository, io, request)
      else if (named === undefined && args.where === undefined && args.subset === undefined)
        await printDatasets(repository, io, request)
      else await printItems(repository, io, request)
    })
  },
})

interface LsArguments {
  readonly named: string | undefined
  readonly at: string
  readonly where: string | undefined
  readonly subset: string | undefined
  readonly maxCount: number | undefined
  readonly count: boolean
  readonly json: boolean
}

async function printDatasets(
  repository: Repository,
  io: CommandIo,
  { at, count, json }: LsArguments,
): Promise<void> {
  const datasets = await listDatasets(repository, { at, annotations: count })
  if (json) io.out(jsonText(datasets))
  else
    for (const line of datasetLines(datasets, (path) => typedPath(repository, io, path)))
      io.out(`${line}\n`)
}

async function printFiles(
  repository: Repository,
  io: CommandIo,
  { at, named = '', maxCount = Infinity, json }: LsArguments,
): Promise<void> {
  let count = 0
  for await (const listed of listFiles(repository, { at, under: named })) {
    if (count === maxCount) break
    if (json) io.out((count === 0 ? '[' : ',') + jsonText(listed).trimEnd())
    else io.out(`${oneLine(typedPath(repository, io, listed.path))}\n`)
    count++
  }
  if (json) io.out(count === 0 ? '[]\n' : ']\n')
}

async function printItems(
  repository: Repository,
  io: CommandIo,
  { at, named, where, subset, maxCount = Infinity, count: isCount, json }: LsArguments,
): Promise<void> {
  const items = list(repository, {
    at,
    ...(named !== undefined && { dataset: named }),
    ...(where !== undefined && { where }),
    ...(subset !== undefined && { subset }),
    annotations: json || !isCount,
    onWarning: (warning) => io.note(`warning: ${warning}\n`),
  })
  let count = 0
  for await (const listed of items) {
    if (count === maxCount) break
    if (json && !isCount) io.out((count === 0 ? '[' : ',') + jsonText(listed).trimEnd())
    else if (!isCount) {
      const place = named === undefined ? `${oneLine(listed.dataset)}: ` : ''
      io.out(`${place}${itemName(listed.item)}  ${annotationsText(listed.item)}\n`)
    }
    count++
  }
  if (isCount) io.out(json ? jsonText({ count }) : `${count}\n`)
  else if (json) io.out(count === 0 ? '[]\n' : ']\n')
}

function annotationsText({ layers }: AnnotatedItem): string {
  const all = Object.values(layers).flat()
  return countOf(all.length, 'annotation')
}
