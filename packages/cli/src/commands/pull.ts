import { merge } from '@dsv/core'
import { fetch } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { printMergeResult } from '../merge-command.ts'
import { branchName } from '../views/head-text.ts'
import { paintOf } from '../views/paint.ts'
import { fetchedLines, transferText } from '../views/transfer-lines.ts'
import { remoteOf, withRemote } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv pull`: gets what others have pushed, and joins it. */
export const pullCommand: Command = defineCommand({
  name: 'pull',
  positionals: '[remote] [branch]',
  summary: 'Get what others have pushed, and join it with what is here, box by box.',
  details: 'Conflicts wait for `dsv resolve`, as after `dsv merge`. The exit code is 1 then.',
  examples: [
    ['dsv pull', 'The branch of the same name'],
    ['dsv pull --ff-only', 'Only when nothing was committed here meanwhile'],
    ['dsv pull -X theirs origin main', 'Where both changed one thing, take theirs'],
  ],
  describe: (options) =>
    options
      .positional('remote', { type: 'string', describe: 'Its name; default origin' })
      .positional('branch', { type: 'string', describe: 'Default: the one of the same name' })
      .option('ff-only', {
        type: 'boolean',
        default: false,
        describe: 'Refuse when this branch has commits of its own',
      })
      .option('strategy-option', {
        alias: 'X',
        choices: ['ours', 'theirs'] as const,
        describe: 'The side that settles conflicts ahead',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ remote: named, branch, ffOnly, strategyOption, json }, io) =>
    withRepository(io, async (repository) => {
      const remote = remoteOf(repository, named)
      const name = branch ?? branchName((await repository.state()).head)
      if (name === undefined) throw new UsageError('HEAD is on no branch: say what to pull.')
      const outcome = await withRemote(remote, { base: repository.folder, io }, async (opened) =>
        fetch(repository, opened),
      )
      for (const line of fetchedLines(remote.url, outcome.refs, paintOf(io))) io.note(`${line}\n`)
      if (outcome.count.commits > 0) io.note(`Got ${transferText(outcome.count)}\n`)
      const revision = `${remote.name}/${name}`
      const result = await merge(repository, {
        revision,
        ffOnly,
        ...(strategyOption !== undefined && { favour: strategyOption }),
      })
      return printMergeResult(result, io, { verb: `Merged ${revision}`, json })
    }),
})
