import { fetch } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { fetchedLines, transferText } from '../views/transfer-lines.ts'
import { remoteOf, withRemote } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv fetch`: gets what others have pushed. */
export const fetchCommand: Command = defineCommand({
  name: 'fetch',
  positionals: '[remote] [branches..]',
  summary: 'Get what others have pushed. Nothing here changes: see it as origin/main.',
  examples: [
    ['dsv fetch', 'Get all branches and tags of the remote'],
    ['dsv fetch origin fix-labels', 'Get one branch'],
    ['dsv diff main origin/main', 'Then look at what is new'],
  ],
  describe: (options) =>
    options
      .positional('remote', { type: 'string', describe: 'Its name, or an address; default origin' })
      .positional('branches', { type: 'string', array: true, describe: 'Default: all' })
      .option('prune', {
        type: 'boolean',
        default: false,
        describe: 'Forget branches that are gone over there',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would come' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ remote: named, branches = [], prune, dryRun, json }, io) => {
    await withRepository(io, async (repository) => {
      const remote = remoteOf(repository, named)
      await withRemote(remote, { base: repository.folder, io }, async (opened) => {
        const outcome = await fetch(repository, opened, {
          prune,
          dryRun,
          ...(branches.length > 0 && { branches }),
        })
        if (json) {
          io.out(jsonText(outcome))
          return
        }
        const lines = fetchedLines(outcome.refs, paintOf(io))
        if (lines.length === 0) io.out(`Everything of ${remote.name} is here.\n`)
        else io.out(`${dryRun ? 'Would get' : 'Got'} ${transferText(outcome.count)}\n`)
        for (const line of lines) io.out(`${line}\n`)
      })
    })
  },
})
