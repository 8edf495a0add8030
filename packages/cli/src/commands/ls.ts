import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  type AnnotatedItem,
  findRepository,
  list,
  listDatasets,
  listFiles,
  type Repository,
} from '@dsv/core'
import type { DvcFile, DvcLeftOut, RegistryKind } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { addressFrom, optionsOf, registryPath } from '../remote-address.ts'
import { repositoryPath, typedPath } from '../repository-path.ts'
import { oneLine } from '../views/annotation-text.ts'
import { datasetLines } from '../views/dataset-lines.ts'
import { dvcOutLines } from '../views/dvc-out-lines.ts'
import { itemName } from '../views/item-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { leftOutLines } from '../views/left-out-lines.ts'
import { countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv ls`: lists datasets, items and files. */
export const lsCommand: Command = defineCommand({
  name: 'ls',
  positionals: '[dataset] [inside]',
  summary: 'List datasets; or the items of one, those that match a query, or files.',
  examples: [
    ['dsv ls', 'The datasets, with their subsets'],
    ['dsv ls data/street', 'The items of a dataset'],
    [`dsv ls data/street --where 'count(category = "car") > 5'`, 'Items with many cars'],
    ['dsv ls --files --at v1.0', 'The files of a version'],
    ['dsv ls s3://registry', 'The datasets of a repository elsewhere'],
    ['dsv ls ../dvc-registry data/street', 'What DVC has there: outputs, or the files of one'],
  ],
  describe: (options) =>
    options
      .positional('dataset', {
        type: 'string',
        describe: 'Path of a dataset, or of a folder; or the address of another repository',
      })
      .positional('inside', { type: 'string', describe: 'A dataset or folder of that repository' })
      .option('at', {
        alias: 'rev',
        type: 'string',
        describe: 'A revision, or the stage, which is the default',
      })
      .option('option', {
        type: 'string',
        array: true,
        describe: 'What reaching another repository needs, as name=value',
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
    const { dataset, inside, at } = args
    const kind = dataset === undefined ? undefined : await addressKind(io, dataset)
    if (dataset !== undefined && kind !== undefined) {
      const pathOf = (each: string): string => each
      if (kind === 'dvc') {
        await listDvc(dataset, { ...args, named: inside, pathOf }, io)
        return
      }
      const { withRegistry } = await import('../with-registry.ts')
      await withRegistry(dataset, args.option ?? [], io, async (repository) =>
        print(repository, io, { ...args, at: at ?? 'HEAD', named: inside, pathOf }),
      )
      return
    }
    if (inside !== undefined) throw new UsageError(`${dataset} is no address of a repository.`)
    await withRepository(io, async (repository) => {
      const named = dataset === undefined ? undefined : repositoryPath(repository, io, dataset)
      const pathOf = (each: string): string => typedPath(repository, io, each)
      await print(repository, io, { ...args, at: at ?? 'stage', named, pathOf })
    })
  },
})

/** A URL, or a folder that is a repository of its own. */
async function addressKind(io: CommandIo, typed: string): Promise<RegistryKind | undefined> {
  const url = addressFrom(io.folder, typed)
  const isFolder = path.isAbsolute(url)
  if (isFolder && (!existsSync(url) || findRepository(io.folder) === url)) return undefined
  const { registryKind } = await import('@dsv/remote')
  const kind = await registryKind(url, io.folder)
  return !isFolder || kind === 'dvc' || isRepository(url) ? kind : undefined
}

function isRepository(folder: string): boolean {
  return ['', '.dsv'].some((inside) =>
    ['root', 'objects'].every((name) => existsSync(path.join(folder, inside, name))),
  )
}

async function print(
  repository: Repository,
  io: CommandIo,
  args: LsArguments & { readonly files: boolean },
): Promise<void> {
  const { named, where, subset } = args
  if (args.files) await printFiles(repository, io, args)
  else if (named === undefined && where === undefined && subset === undefined)
    await printDatasets(repository, io, args)
  else await printItems(repository, io, args)
}

/** Outputs, or files by name; what asks for items is fetched and read. */
async function listDvc(
  typed: string,
  args: Omit<LsArguments, 'at'> & {
    readonly at: string | undefined
    readonly files: boolean
    readonly option: readonly string[] | undefined
  },
  io: CommandIo,
): Promise<void> {
  const { withDvcFolder, withDvcRegistry } = await import('../with-dvc-registry.ts')
  const { at, named, where, subset, count, json, maxCount = Infinity } = args
  const inside = registryPath(named ?? '')
  const address = { url: addressFrom(io.folder, typed), options: optionsOf(args.option ?? []) }
  if (where !== undefined || subset !== undefined || count) {
    await withDvcFolder(address, { rev: at, inside }, io, async (repository) =>
      print(repository, io, { ...args, at: 'HEAD', named: named === undefined ? named : inside }),
    )
    return
  }
  await withDvcRegistry(address, at, io, async (registry) => {
    if (!args.files && inside === '') {
      const outs = registry.outs().slice(0, maxCount)
      if (json) io.out(jsonText(outs))
      else for (const line of dvcOutLines(outs)) io.out(`${line}\n`)
      return
    }
    const found: Pick<DvcFile, 'md5' | 'path' | 'sizeBytes'>[] = []
    const leftOut: DvcLeftOut[] = []
    for await (const file of registry.resolve(inside, {
      onLeftOut: (each) => leftOut.push(each),
    })) {
      if (found.length === maxCount) break
      const { md5, sizeBytes } = file
      const below = inside === '' ? file.path : `${inside}/${file.path}`
      found.push({ path: file.isWhole ? inside : below, sizeBytes, md5 })
    }
    if (json) io.out(jsonText(found))
    else for (const file of found) io.out(`${oneLine(file.path)}\n`)
    for (const line of leftOutLines(leftOut)) io.note(`${line}\n`)
  })
}

interface LsArguments {
  readonly named: string | undefined
  /** How a path is shown. */
  readonly pathOf: (inside: string) => string
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
  { at, count, json, pathOf }: LsArguments,
): Promise<void> {
  const datasets = await listDatasets(repository, { at, annotations: count })
  if (json) io.out(jsonText(datasets))
  else for (const line of datasetLines(datasets, pathOf)) io.out(`${line}\n`)
}

async function printFiles(
  repository: Repository,
  io: CommandIo,
  { at, named = '', maxCount = Infinity, json, pathOf }: LsArguments,
): Promise<void> {
  let count = 0
  for await (const listed of listFiles(repository, { at, under: named })) {
    if (count === maxCount) break
    if (json) io.out((count === 0 ? '[' : ',') + jsonText(listed).trimEnd())
    else io.out(`${oneLine(pathOf(listed.path))}\n`)
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
