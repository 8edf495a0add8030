import path from 'node:path'
import { exportDataset, exportPart, listDatasets } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { exportText } from '../views/export-text.ts'
import { lossLines } from '../views/loss-lines.ts'
import { countOf } from '../views/quantities.ts'
import { withRegistry } from '../with-registry.ts'

/** `dsv get`: gets data of a repository, without one here. */
export const getCommand: Command = defineCommand({
  name: 'get',
  positionals: '<repository> <path>',
  summary: 'Get a dataset, folder or file of a repository, without having one here.',
  examples: [
    ['dsv get s3://registry data/street', 'A dataset as it is'],
    ['dsv get s3://registry data/street --rev v1.0 --format yolo -o /tmp/train', 'As YOLO'],
    ['dsv get ../registry README.md', 'A file'],
  ],
  describe: (options) =>
    options
      .positional('repository', {
        type: 'string',
        demandOption: true,
        describe: 'A folder or a URL',
      })
      .positional('path', { type: 'string', demandOption: true, describe: 'What to get' })
      .option('rev', { type: 'string', default: 'HEAD', describe: 'A branch, tag or commit' })
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
    await withRegistry(address, option, io, async (repository) => {
      const inside = typed.replace(/\/+$/, '')
      const shown = output ?? path.posix.basename(inside)
      const target = path.resolve(io.folder, shown)
      const datasets = await listDatasets(repository, { at: rev })
      const isDataset = datasets.some((each) => each.path === inside)
      if (!isDataset && format === undefined && where === undefined) {
        const request = { revision: rev, path: inside, output: target }
        const files = await exportPart(repository, request)
        io.out(`Got ${countOf(files, 'file')} as ${shown}\n`)
        return
      }
      const outcome = await exportDataset(repository, {
        revision: rev,
        dataset: inside,
        output: target,
        onWarning: (warning) => io.note(`warning: ${warning}\n`),
        ...(format !== undefined && { format }),
        ...(where !== undefined && { where }),
      })
      io.out(`${exportText(outcome, shown)}\n`)
      for (const line of lossLines(outcome.losses, `${outcome.format ?? 'the format'} cannot hold`))
        io.note(`${line}\n`)
    })
  },
})
