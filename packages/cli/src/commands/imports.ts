import { readImports } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { jsonText } from '../views/json-text.ts'
import { shortId } from '../views/quantities.ts'
import { listLines } from '../views/table-lines.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv imports`: lists what came from other repositories. */
export const importsCommand: Command = defineCommand({
  name: 'imports',
  summary: 'List what came from other repositories, and from where.',
  examples: [['dsv imports', 'List imports']],
  describe: (options) =>
    options.option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ json }, io) => {
    await withRepository(io, async (repository) => {
      const { work } = await repository.state()
      const imports = await readImports(repository.store.objects, work.stage)
      if (json) {
        io.out(jsonText(imports))
        return
      }
      const rows = imports.map(({ path, kind, url, from, revision, commit, where }) => [
        path,
        `${url} ${from === '' ? '.' : from}`,
        kind === 'dvc' ? 'DVC' : 'dsv',
        `${shortId(commit)}${revision === undefined ? '' : ` (${revision})`}`,
        where ?? '',
      ])
      for (const line of listLines(rows)) io.out(`${line}\n`)
    })
  },
})
