import { catFile, readItem } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { itemKeyOf } from '../item-key-of.ts'
import { UsageError } from '../failure.ts'
import { repositoryPath } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv cat`: the bytes of a file, or an item as JSON. */
export const catCommand: Command = defineCommand({
  name: 'cat',
  positionals: '[path]',
  summary: 'Print a file of a version, or an item with all its annotations as JSON.',
  examples: [
    ['dsv cat README.md --at v1.0', 'A file as it was'],
    ['dsv cat v1.0:data/street/labels.txt', 'The same in the way of Git'],
    ['dsv cat --item train/000012 --dataset data/street', 'One item, as JSON'],
  ],
  describe: (options) =>
    options
      .positional('path', { type: 'string', describe: 'A file, or revision:path from the root' })
      .option('at', { type: 'string', default: 'stage', describe: 'A revision, or the stage' })
      .option('item', { type: 'string', describe: 'An item instead: subset/id' })
      .option('dataset', { type: 'string', describe: 'Its dataset, when there are several' }),
  run: async ({ path, at, item, dataset }, io) => {
    if ((path === undefined) === (item === undefined))
      throw new UsageError('`dsv cat` needs a file, or --item.')
    await withRepository(io, async (repository) => {
      if (item !== undefined) {
        const found = await readItem(repository, {
          at,
          key: itemKeyOf(item),
          ...(dataset !== undefined && { dataset: repositoryPath(repository, io, dataset) }),
        })
        io.out(jsonText(found))
        return
      }
      const [, revision, inside] = /^([^:]+):(.+)$/u.exec(path ?? '') ?? []
      const place =
        revision === undefined || inside === undefined
          ? { at, path: repositoryPath(repository, io, path ?? '') }
          : { at: revision, path: inside }
      for await (const bytes of catFile(repository, place)) io.outBytes(bytes)
    })
  },
})
