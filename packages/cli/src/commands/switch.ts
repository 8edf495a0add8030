import { createBranch, type Repository, switchTo } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { previousBranch } from '../previous-branch.ts'
import { switchText } from '../views/switch-text.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv switch`: goes to another branch. */
export const switchCommand: Command = defineCommand({
  name: 'switch',
  positionals: '[branch] [start]',
  summary: 'Go to another branch: stage and files become what it holds.',
  details:
    'Edits that are not committed go along, where the branch has the same files; else nothing is done.',
  examples: [
    ['dsv switch main', 'Go to a branch'],
    ['dsv switch -c fix-labels', 'Make a branch here and go to it'],
    ['dsv switch --detach v1.0', 'Look at a version'],
    ['dsv switch -', 'Go back to the branch before'],
  ],
  describe: (options) =>
    options
      .positional('branch', { type: 'string', describe: 'The branch; - is the one before' })
      .positional('start', { type: 'string', describe: 'With -c: where the branch begins' })
      .option('create', {
        alias: 'c',
        type: 'string',
        describe: 'Make this branch first',
      })
      .option('force-create', {
        alias: 'C',
        type: 'string',
        describe: 'Make this branch first, or move it',
        conflicts: 'create',
      })
      .option('detach', {
        alias: 'd',
        type: 'boolean',
        default: false,
        describe: 'Go to a commit instead of a branch',
      })
      .option('force', {
        alias: ['f', 'discard-changes'],
        type: 'boolean',
        default: false,
        describe: 'Drop local changes; `dsv undo` brings them back',
      }),
  run: async ({ branch, start, create, forceCreate, detach, force }, io) => {
    await withRepository(io, async (repository) => {
      const made = create ?? forceCreate
      if (made !== undefined) {
        if (start !== undefined) throw new UsageError('`dsv switch -c` needs at most one start.')
        await goToNew(repository, io, made, { start: branch, move: create === undefined, force })
        return
      }
      if (branch === undefined) throw new UsageError('`dsv switch` needs a branch.')
      const target = branch === '-' ? await previousBranch(repository) : branch
      const outcome = await switchTo(repository, { target, detach, force })
      io.out(switchText(outcome))
    })
  },
})

async function goToNew(
  repository: Repository,
  io: CommandIo,
  name: string,
  options: { readonly start: string | undefined; readonly move: boolean; readonly force: boolean },
): Promise<void> {
  const { start, move, force } = options
  if (move) {
    await createBranch(repository, name, { force: true, ...(start !== undefined && { start }) })
    io.out(switchText(await switchTo(repository, { target: name, force })))
    return
  }
  const request = { target: name, create: true, force, ...(start !== undefined && { start }) }
  io.out(switchText(await switchTo(repository, request), { isNew: true }))
}
