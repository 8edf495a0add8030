import { info } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { typedPath } from '../repository-path.ts'
import { datasetLines } from '../views/dataset-lines.ts'
import { headText } from '../views/head-text.ts'
import { jsonText } from '../views/json-text.ts'
import { bytesText, countOf } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv info`: a repository in a few numbers. */
export const infoCommand: Command = defineCommand({
  name: 'info',
  summary: 'Describe the repository: history, datasets, and what the store takes.',
  examples: [['dsv info', 'The repository in a few numbers']],
  describe: (options) =>
    options.option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ json }, io) => {
    await withRepository(io, async (repository) => {
      const found = await info(repository)
      if (json) {
        io.out(jsonText(found))
        return
      }
      const { store, files, datasets } = found
      const lines = [
        `Repository in ${found.folder} (layout ${found.formatVersion})`,
        headText(found.head),
        `${countOf(found.commits, 'commit')}, ${countOf(found.branches, 'branch', 'branches')}, ${countOf(found.tags, 'tag')}`,
        `${countOf(files, 'file')} in the stage, ${countOf(datasets.length, 'dataset')}`,
        ...datasetLines(datasets, (path) => typedPath(repository, io, path)).map(
          (line) => `  ${line}`,
        ),
        `The store takes ${bytesText(store.sizeBytes)}: ${countOf(store.blobs.files, 'large file')} (${bytesText(store.blobs.sizeBytes)}), ${countOf(store.packs.files, 'pack')} (${bytesText(store.packs.sizeBytes)}), ${countOf(store.indexes.files, 'index file')} (${bytesText(store.indexes.sizeBytes)})`,
      ]
      io.out(`${lines.join('\n')}\n`)
    })
  },
})
