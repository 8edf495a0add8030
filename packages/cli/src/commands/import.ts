import path from 'node:path'
import { importFrom } from '@dsv/remote'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { addressFrom, optionsOf } from '../remote-address.ts'
import { repositoryPath } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { countOf, shortId } from '../views/quantities.ts'
import { withRemote } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv import`: makes data of another repository part of this one. */
export const importCommand: Command = defineCommand({
  name: 'import',
  positionals: '<repository> <path>',
  summary: 'Make a dataset, folder or file of another repository part of this one.',
  details: [
    'The objects are stored here: the other repository may go. Files are written and staged; where they',
    'came from is recorded in .dsvimports, for `dsv update`.',
  ].join('\n'),
  examples: [
    ['dsv import s3://registry data/street', 'A dataset, from the main branch'],
    ['dsv import ../registry data/street --rev v1.0 -o cars', 'A version, to another place'],
    [`dsv import ../registry data/street --where 'label = "car"'`, 'Only what matches a query'],
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
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ repository: address, path: from, rev, where, output, option = [], json }, io) =>
    withRepository(io, async (repository) => {
      const url = addressFrom(io.folder, address)
      const options = optionsOf(option)
      const source = from.replace(/\/+$/, '')
      const to = repositoryPath(repository, io, output ?? path.posix.basename(source))
      const remote = { name: url, url, options }
      const result = await withRemote(remote, { base: repository.folder, io }, async (opened) =>
        importFrom(repository, opened, {
          url,
          options,
          from: source,
          to,
          ...(rev !== undefined && { revision: rev }),
          ...(where !== undefined && { where }),
        }),
      )
      const { imported, files, items } = result
      if (json) io.out(jsonText(result))
      else {
        const held = items === 0 ? '' : `, ${countOf(items, 'item')}`
        io.out(
          `Imported ${to}: ${countOf(files, 'file')}${held}, from ${shortId(imported.commit)}\n`,
        )
        io.out('It is staged: commit it to keep it.\n')
      }
      return result.type === 'conflicts' ? FAILED : DONE
    }),
})
