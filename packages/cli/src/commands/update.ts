import { updateImports } from '@dsv/remote'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { asMaking, MAKING_OPTIONS } from '../making-source.ts'
import { openSource } from '../open-source.ts'
import { repositoryPath } from '../repository-path.ts'
import { conflictLines } from '../views/conflict-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { leftOutLines } from '../views/left-out-lines.ts'
import { paintOf } from '../views/paint.ts'
import { countOf, shortId } from '../views/quantities.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv update`: brings imports up to date. */
export const updateCommand: Command = defineCommand({
  name: 'update',
  positionals: '[paths..]',
  summary: 'Bring imports up to date: what is new there is merged with what was edited here.',
  details: 'The result is staged. Conflicts wait for `dsv resolve`; the exit code is 1 then.',
  examples: [
    ['dsv update', 'All imports'],
    ['dsv update data/street --rev v2.0', 'One import, to another version'],
    ['dsv update --dry-run', 'Say what is new'],
  ],
  describe: (options) =>
    options
      .positional('paths', { type: 'string', array: true, describe: 'Imports; default all' })
      .option('rev', { type: 'string', describe: 'Another branch, tag or commit there' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what is new' })
      .options(MAKING_OPTIONS)
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ paths = [], rev, dryRun, json, ...making }, io) =>
    withRepository(io, async (repository) => {
      const named = paths.map((each) => repositoryPath(repository, io, each))
      const updated = await updateImports(repository, {
        ...(named.length > 0 && { paths: named }),
        ...(rev !== undefined && { revision: rev }),
        dryRun,
        open: async (each) =>
          asMaking(
            await openSource(
              { ...each, kind: each.kind ?? 'dsv' },
              { base: repository.folder, io, recordedIn: repository },
            ),
            repository,
            io,
            making,
          ),
      })
      if (json) {
        io.out(jsonText(updated))
        return DONE
      }
      if (updated.length === 0) io.out('There are no imports.\n')
      for (const { import: each, commit, result, leftOut } of updated) {
        for (const line of leftOutLines(leftOut)) io.note(`${line}\n`)
        const isNew = commit !== each.commit
        if (result === undefined)
          io.out(`${each.path} ${isNew ? `can go to ${shortId(commit)}` : 'is up to date'}\n`)
        else if (result.conflicts.length === 0)
          io.out(`${each.path} is at ${shortId(commit)} now\n`)
        else {
          io.out(
            `${each.path} is at ${shortId(commit)} now, except for ${countOf(result.conflicts.length, 'conflict')}\n`,
          )
          for (const line of conflictLines(result.conflicts, paintOf(io))) io.out(`${line}\n`)
        }
      }
      const hasConflicts = updated.some(({ result }) => result?.type === 'conflicts')
      return hasConflicts ? FAILED : DONE
    }),
})
