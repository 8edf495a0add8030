import { branches, createBranch, deleteBranch, renameBranch, type Repository } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { subjectOf } from '../views/commit-text.ts'
import { branchName } from '../views/head-text.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { shortId } from '../views/quantities.ts'
import { listLines } from '../views/table-lines.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv branch`: lists, makes, renames and deletes branches. */
export const branchCommand: Command = defineCommand({
  name: 'branch',
  positionals: '[names..]',
  summary: 'List branches; or make one, rename one, delete some.',
  examples: [
    ['dsv branch', 'List the branches'],
    ['dsv branch fix-labels v1.0', 'Make a branch at a tag, without going there'],
    ['dsv branch -m fix-labels relabel', 'Rename a branch'],
    ['dsv branch -d relabel', 'Delete a branch that is merged'],
  ],
  describe: (options) =>
    options
      .positional('names', {
        type: 'string',
        array: true,
        describe: 'The new branch and where it begins; or the branches that are meant',
      })
      .option('delete', {
        alias: 'd',
        type: 'boolean',
        default: false,
        describe: 'Delete branches',
      })
      .option('force-delete', {
        alias: 'D',
        type: 'boolean',
        default: false,
        describe: 'Delete branches that are not merged too',
      })
      .option('move', { alias: 'm', type: 'boolean', default: false, describe: 'Rename a branch' })
      .option('force', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Move a branch that is there already',
      })
      .option('show-current', {
        type: 'boolean',
        default: false,
        describe: 'Print the name of the branch that HEAD is on',
      })
      .option('verbose', {
        alias: 'v',
        type: 'boolean',
        default: false,
        describe: 'List with commits and their subjects',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the list as JSON' }),
  run: async ({ names = [], ...args }, io) => {
    await withRepository(io, async (repository) => {
      const [first, second, third] = names
      if (args.delete || args.forceDelete) {
        const force = args.forceDelete || args.force
        await deleteAll(repository, io, names, force)
        return
      }
      if (third !== undefined) throw new UsageError('`dsv branch` needs at most two names.')
      if (args.move) {
        await rename(repository, io, first, second)
        return
      }
      if (first === undefined) {
        if (args.showCurrent) {
          io.out(`${branchName((await repository.state()).head) ?? ''}\n`)
          return
        }
        await printBranches(repository, io, args)
        return
      }
      const at = await createBranch(repository, first, {
        force: args.force,
        ...(second !== undefined && { start: second }),
      })
      io.out(`Made branch ${first} at ${shortId(at)}\n`)
    })
  },
})

async function deleteAll(
  repository: Repository,
  io: CommandIo,
  names: readonly string[],
  force: boolean,
): Promise<void> {
  if (names.length === 0) throw new UsageError('Say which branch is to be deleted.')
  for (const name of names) {
    const commitId = await deleteBranch(repository, name, { force })
    io.out(`Deleted branch ${name} (was at ${shortId(commitId)})\n`)
  }
}

async function rename(
  repository: Repository,
  io: CommandIo,
  first: string | undefined,
  second: string | undefined,
): Promise<void> {
  const current = branchName((await repository.state()).head)
  const [from, to] = second === undefined ? [current, first] : [first, second]
  if (from === undefined || to === undefined)
    throw new UsageError('`dsv branch -m` needs the new name.')
  await renameBranch(repository, from, to)
  io.out(`Renamed branch ${from} to ${to}\n`)
}

async function printBranches(
  repository: Repository,
  io: CommandIo,
  { verbose, json }: { readonly verbose: boolean; readonly json: boolean },
): Promise<void> {
  const found = await branches(repository)
  if (json) {
    io.out(jsonText(found))
    return
  }
  const paint = paintOf(io)
  const { head } = await repository.state()
  const detached = head.type === 'detached' ? [`* (detached at ${shortId(head.commit)})`] : []
  const rows: string[][] = []
  for (const { name, commitId, isCurrent } of found) {
    const title = isCurrent ? `* ${paint.added(name)}` : `  ${name}`
    const commit = verbose ? await repository.commit(commitId) : undefined
    rows.push(commit ? [title, paint.id(shortId(commitId)), subjectOf(commit.message)] : [title])
  }
  for (const line of [...detached, ...listLines(rows)]) io.out(`${line}\n`)
}
