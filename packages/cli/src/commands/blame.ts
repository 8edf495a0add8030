import { blame } from '@dsv/core'
import { blamedImports } from '../blamed-imports.ts'
import { type Command, defineCommand } from '../command.ts'
import { itemKeyOf } from '../item-key-of.ts'
import { repositoryPath } from '../repository-path.ts'
import { blameLines } from '../views/blame-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv blame`: who gave each annotation of an item its form. */
export const blameCommand: Command = defineCommand({
  name: 'blame',
  positionals: '<item> [revision]',
  summary: 'Show for each annotation of an item which commit gave it its present form.',
  details: 'What came by `dsv import` or `dsv update` also says from where.',
  examples: [
    ['dsv blame train/000012', 'Who drew what on an image'],
    ['dsv blame train/000012 v1.0 --dataset data/street', 'The same in an older version'],
  ],
  describe: (options) =>
    options
      .positional('item', { type: 'string', demandOption: true, describe: 'subset/id' })
      .positional('revision', { type: 'string', default: 'HEAD', describe: 'Where to begin' })
      .option('dataset', { type: 'string', describe: 'Its dataset, when there are several' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ item, revision, dataset, json }, io) => {
    await withRepository(io, async (repository) => {
      const found = await blame(repository, {
        revision,
        item: itemKeyOf(item),
        ...(dataset !== undefined && { dataset: repositoryPath(repository, io, dataset) }),
      })
      const blamed = await blamedImports(repository, found)
      if (json) io.out(jsonText(blamed))
      else for (const line of blameLines(blamed, paintOf(io))) io.out(`${line}\n`)
    })
  },
})
