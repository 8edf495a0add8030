import { importFrom, type ImportResult } from '@dsv/remote'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { asMaking, MAKING_OPTIONS } from '../making-source.ts'
import { openSource } from '../open-source.ts'
import { addressFrom, optionsOf, placeFor, registryPath } from '../remote-address.ts'
import { repositoryPath } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { leftOutLines } from '../views/left-out-lines.ts'
import { countLosses, lossLines } from '../views/loss-lines.ts'
import { countOf, shortId } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv import`: makes data of another repository part of this one. */
export const importCommand: Command = defineCommand({
  name: 'import',
  positionals: '<repository> <path>',
  summary: 'Make a dataset, folder or file of another repository part of this one.',
  details: [
    'The objects are stored here: the other repository may go. Files are written and staged; where they',
    'came from is recorded in .dsvimports, for `dsv update`.',
    '',
    'The other repository may also be one of Git with DVC, in a folder or at a https:// address. Folders',
    'of it that are in a known format become datasets, as with `dsv add`.',
    '',
    'What a pipeline over there makes and nobody stores is made here: steps of dsv run at once, commands',
    'only with --allow-run, and the result has to be what they recorded.',
  ].join('\n'),
  examples: [
    ['dsv import s3://registry data/street', 'A dataset, from the main branch'],
    ['dsv import ../registry data/street --rev v1.0 -o cars', 'A version, to another place'],
    [`dsv import ../registry data/street --where 'label = "car"'`, 'Only what matches a query'],
    ['dsv import https://github.com/treeverse/dataset-registry images', 'From Git and DVC'],
  ],
  describe: (options) =>
    options
      .positional('repository', {
        type: 'string',
        demandOption: true,
        describe: 'A folder or a URL',
      })
      .positional('path', { type: 'string', demandOption: true, describe: 'What to import' })
      .option('rev', {
        type: 'string',
        describe: 'A branch, tag or commit; default the main branch',
      })
      .option('where', { type: 'string', describe: 'A query: only items that match' })
      .option('format', {
        type: 'string',
        describe: 'From DVC: read the folder as a dataset of this format',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        describe: 'Where it goes; default its own name, here',
      })
      .option('option', {
        type: 'string',
        array: true,
        describe: 'What reaching the repository needs, as name=value',
      })
      .options(MAKING_OPTIONS)
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async (
    { repository: address, path: typed, rev, where, format, output, option = [], json, ...making },
    io,
  ) =>
    withRepository(io, async (repository) => {
      const url = addressFrom(io.folder, address)
      const options = optionsOf(option)
      const from = registryPath(typed)
      const to = repositoryPath(repository, io, placeFor(from, output))
      const source = await openSource({ url, options }, { base: repository.folder, io })
      try {
        if (source.kind === 'dsv' && format !== undefined)
          throw new UsageError(
            '--format is for DVC registries: this one knows what its datasets are.',
          )
        const result = await importFrom(repository, asMaking(source, repository, io, making), {
          url,
          options,
          from,
          to,
          ...(rev !== undefined && { revision: rev }),
          ...(where !== undefined && { where }),
          ...(format !== undefined && { format }),
        })
        if (json) io.out(jsonText(result))
        else report(result, io)
        return result.type === 'conflicts' ? FAILED : DONE
      } finally {
        await source.close()
      }
    }),
})

function report(
  { imported, files, items, leftOut, readLosses }: ImportResult,
  io: Pick<CommandIo, 'note' | 'out'>,
): void {
  const held = items === 0 ? '' : `, ${countOf(items, 'item')}`
  const from = shortId(imported.commit)
  io.out(`Imported ${imported.path}: ${countOf(files, 'file')}${held}, from ${from}\n`)
  io.out('It is staged: commit it to keep it.\n')
  for (const line of leftOutLines(leftOut)) io.note(`${line}\n`)
  for (const [path, losses] of readLosses) {
    const name = path === '' ? imported.path : `${imported.path}/${path}`
    for (const line of lossLines(countLosses(losses), `dataset ${name} was read without`))
      io.note(`${line}\n`)
  }
}
