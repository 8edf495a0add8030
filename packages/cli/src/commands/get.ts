import path from 'node:path'
import { exportDataset, exportPart, listDatasets, type Repository } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import type { CommandIo } from '../io.ts'
import type { RegistryAddress } from '../open-source.ts'
import { addressFrom, optionsOf, placeFor, registryPath } from '../remote-address.ts'
import { exportText } from '../views/export-text.ts'
import { leftOutLines } from '../views/left-out-lines.ts'
import { lossLines } from '../views/loss-lines.ts'
import { countOf } from '../views/quantities.ts'

/** `dsv get`: gets data of a repository, without one here. */
export const getCommand: Command = defineCommand({
  name: 'get',
  positionals: '<repository> <path>',
  summary: 'Get a dataset, folder or file of a repository, without having one here.',
  details: 'The repository may also be one of Git with DVC, in a folder or at a https:// address.',
  examples: [
    ['dsv get s3://registry data/street', 'A dataset as it is'],
    ['dsv get s3://registry data/street --rev v1.0 --format yolo -o /tmp/train', 'As YOLO'],
    ['dsv get ../registry README.md', 'A file'],
    ['dsv get https://github.com/treeverse/dataset-registry get-started', 'From Git and DVC'],
  ],
  describe: (options) =>
    options
      .positional('repository', {
        type: 'string',
        demandOption: true,
        describe: 'A folder or a URL',
      })
      .positional('path', { type: 'string', demandOption: true, describe: 'What to get' })
      .option('rev', {
        type: 'string',
        describe: 'A branch, tag or commit; default the main branch',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        describe: 'Where it goes; default its name, here',
      })
      .option('format', { type: 'string', describe: 'The format to write a dataset in' })
      .option('where', { type: 'string', describe: 'A query: only items that match' })
      .option('option', {
        type: 'string',
        array: true,
        describe: 'What reaching the repository needs, as name=value',
      }),
  run: async (
    { repository: address, path: typed, rev, output, format, where, option = [] },
    io,
  ) => {
    const inside = registryPath(typed)
    const shown = placeFor(inside, output)
    const request: GetRequest = {
      inside,
      shown,
      output: path.resolve(io.folder, shown),
      ...(format !== undefined && { format }),
      ...(where !== undefined && { where }),
    }
    const url = addressFrom(io.folder, address)
    const { registryKind } = await import('@dsv/remote')
    if ((await registryKind(url, io.folder)) === 'dvc') {
      await getFromDvc({ url, options: optionsOf(option) }, rev, request, io)
      return
    }
    const { withRegistry } = await import('../with-registry.ts')
    await withRegistry(address, option, io, async (repository) =>
      get(repository, rev ?? 'HEAD', request, io),
    )
  },
})

interface GetRequest {
  readonly inside: string
  /** Where it goes, as the user would say, and as an absolute path. */
  readonly shown: string
  readonly output: string
  readonly format?: string
  readonly where?: string
}

async function get(
  repository: Repository,
  revision: string,
  request: GetRequest,
  io: CommandIo,
): Promise<void> {
  const { inside, shown, output, format, where } = request
  const datasets = await listDatasets(repository, { at: revision })
  const isDataset = datasets.some((each) => each.path === inside)
  if (!isDataset && format === undefined && where === undefined) {
    const files = await exportPart(repository, { revision, path: inside, output })
    io.out(`Got ${countOf(files, 'file')} as ${shown}\n`)
    return
  }
  const outcome = await exportDataset(repository, {
    revision,
    dataset: inside,
    output,
    onWarning: (warning) => io.note(`warning: ${warning}\n`),
    ...(format !== undefined && { format }),
    ...(where !== undefined && { where }),
  })
  io.out(`${exportText(outcome, shown)}\n`)
  for (const line of lossLines(outcome.losses, `${outcome.format ?? 'the format'} cannot hold`))
    io.note(`${line}\n`)
}

/** Files come as they are; what asks for meaning is read first. */
async function getFromDvc(
  address: RegistryAddress,
  rev: string | undefined,
  request: GetRequest,
  io: CommandIo,
): Promise<void> {
  const { withDvcFolder, withDvcRegistry } = await import('../with-dvc-registry.ts')
  const { inside, shown, output, format, where } = request
  if (format !== undefined || where !== undefined) {
    await withDvcFolder(address, { rev, inside }, io, async (repository) =>
      get(repository, 'HEAD', request, io),
    )
    return
  }
  const { writeDvcFiles } = await import('@dsv/remote')
  await withDvcRegistry(address, rev, io, async (registry) => {
    const { signal } = io
    const { files, leftOut } = await writeDvcFiles(registry, { path: inside, output, signal })
    io.out(`Got ${countOf(files, 'file')} as ${shown}\n`)
    for (const line of leftOutLines(leftOut)) io.note(`${line}\n`)
  })
}
