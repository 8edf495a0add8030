import { isDsvError, nothingCommitted, type Repository } from '@dsv/core'
import {
  push,
  pushRuns,
  type RefToPush,
  type Remote,
  type RemoteRepository,
  type TransferCount,
} from '@dsv/remote'
import type { CommandIo } from '../io.ts'
import type { ObjectId } from '@dsv/store'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { branchName } from '../views/head-text.ts'
import { jsonText } from '../views/json-text.ts'
import { paintOf } from '../views/paint.ts'
import { countOf } from '../views/quantities.ts'
import { pushedLines, transferText } from '../views/transfer-lines.ts'
import { remoteOf, withRemote } from '../with-remote.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv push`: gives others what is committed here. */
export const pushCommand: Command = defineCommand({
  name: 'push',
  positionals: '[remote] [refs..]',
  summary: 'Give others what is committed here: the current branch, or what is named.',
  details:
    'All refs change, or none does. A branch over there that has commits of its own stays: `dsv pull` first.',
  examples: [
    ['dsv push', 'The current branch, to the remote'],
    ['dsv push origin v1.0 fix-labels:review', 'A tag, and a branch under another name'],
    ['dsv push --dry-run', 'Say what would go over'],
    ['dsv push --delete origin fix-labels', 'Delete a branch over there'],
  ],
  describe: (options) =>
    options
      .positional('remote', { type: 'string', describe: 'Its name, or an address; default origin' })
      .positional('refs', {
        type: 'string',
        array: true,
        describe: 'Branches and tags; here:there gives another name',
      })
      .option('tags', { type: 'boolean', default: false, describe: 'All tags too' })
      .option('all', { type: 'boolean', default: false, describe: 'All branches' })
      .option('delete', {
        alias: 'd',
        type: 'boolean',
        default: false,
        describe: 'Delete the refs',
      })
      .option('force', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Replace what is there, even when commits are lost',
      })
      .option('force-with-lease', {
        type: 'boolean',
        default: false,
        describe: 'The same, but only what was there at the last fetch',
      })
      .option('runs', {
        type: 'boolean',
        default: true,
        describe:
          'What pipelines made too, so that nobody makes it again; --no-runs leaves it here',
      })
      .option('runs-only', {
        type: 'boolean',
        default: false,
        describe: 'Only what pipelines made, no branch and no tag',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would go' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ remote: named, refs = [], ...args }, io) => {
    exclude({ force: args.force, 'force-with-lease': args.forceWithLease })
    exclude({ 'runs-only': args.runsOnly, delete: args.delete, 'dry-run': args.dryRun })
    exclude({ 'runs-only': args.runsOnly, tags: args.tags, all: args.all })
    if (args.runsOnly && refs.length > 0)
      throw new UsageError('--runs-only pushes no branch: name the remote alone.')
    await withRepository(io, async (repository) => {
      const remote = remoteOf(repository, named)
      if (args.runsOnly) {
        await withRemote(remote, { base: repository.folder, io, isMade: true }, async (opened) => {
          const count = await pushRuns(repository, opened)
          if (args.json) io.out(jsonText({ runs: count ?? null }))
          else if (count === undefined) io.out(`${remote.name} has everything already.\n`)
          else io.out(`Pushed what pipelines made: ${transferText(count)}\n`)
        })
        return
      }
      const wanted = await refsToPush(repository, remote, refs, args)
      const { dryRun, json } = args
      await withRemote(remote, { base: repository.folder, io, isMade: !dryRun }, async (opened) => {
        const outcome = await push(repository, opened, wanted, { dryRun })
        if (!dryRun) await noteRefs(repository, remote, outcome.refs)
        if (json) {
          io.out(jsonText(outcome))
          return
        }
        const { count, requests, refs: pushed } = outcome
        const runs =
          dryRun || args.delete || !args.runs ? undefined : await givenRuns(repository, opened, io)
        const lines = pushedLines(remote.url, pushed, paintOf(io))
        if (runs !== undefined) io.out(`Pushed what pipelines made: ${transferText(runs)}\n`)
        if (lines.length === 0) io.out(`${remote.name} has everything already.\n`)
        for (const line of lines) io.out(`${line}\n`)
        if (count.objects + count.blobs === 0) return
        const cost = requests === undefined ? '' : `, in ${countOf(requests, 'request')}`
        io.out(`${dryRun ? 'Would push' : 'Pushed'} ${transferText(count)}${cost}\n`)
      })
    })
  },
})

/** What pipelines made spares work; that it did not get there is no failure. */
async function givenRuns(
  repository: Repository,
  opened: RemoteRepository,
  io: CommandIo,
): Promise<TransferCount | undefined> {
  try {
    return await pushRuns(repository, opened)
  } catch (error) {
    if (!isDsvError(error)) throw error
    io.note(`warning: What pipelines made was not pushed: ${error.message}\n`)
    return undefined
  }
}

interface PushArguments {
  readonly tags: boolean
  readonly all: boolean
  readonly delete: boolean
  readonly force: boolean
  readonly forceWithLease: boolean
}

async function refsToPush(
  repository: Repository,
  remote: Remote,
  named: readonly string[],
  args: PushArguments,
): Promise<readonly RefToPush[]> {
  const { refs, head } = await repository.state()
  const all = [...refs.keys()].filter(
    (name) =>
      (args.tags && name.startsWith('refs/tags/')) || (args.all && name.startsWith('refs/heads/')),
  )
  const current = branchName(head)
  if (named.length === 0 && all.length === 0 && current === undefined)
    throw new UsageError('HEAD is on no branch: say what to push.')
  const isBorn = current !== undefined && refs.has(`refs/heads/${current}`)
  if (named.length === 0 && all.length === 0 && !args.delete && !isBorn) throw nothingCommitted()
  if (named.length === 0 && args.delete) throw new UsageError('Say what is to be deleted.')
  const words = named.length === 0 && all.length === 0 ? [current ?? ''] : [...named, ...all]
  return words.map((word) => {
    const [here = '', there = here] = word.split(':')
    const source = args.delete ? undefined : fullName(refs, here)
    const name = fullName(refs, there) ?? withKind(there, source)
    const to = source === undefined ? undefined : refs.get(source)
    if (!args.delete && here !== '' && to === undefined)
      throw new UsageError(`There is no branch or tag ${here} to push.`)
    return { name, to, ...forceOf(refs, remote, name, args) }
  })
}

function fullName(refs: ReadonlyMap<string, ObjectId>, name: string): string | undefined {
  return [name, `refs/heads/${name}`, `refs/tags/${name}`].find((full) => refs.has(full))
}

function withKind(name: string, source: string | undefined): string {
  if (name.startsWith('refs/')) return name
  return source?.startsWith('refs/tags/') === true ? `refs/tags/${name}` : `refs/heads/${name}`
}

function forceOf(
  refs: ReadonlyMap<string, ObjectId>,
  remote: Remote,
  name: string,
  { force, forceWithLease }: PushArguments,
): Pick<RefToPush, 'force' | 'lease'> {
  if (!forceWithLease) return { force }
  return { force: true, lease: refs.get(trackingName(remote, name)) ?? null }
}

function trackingName(remote: Remote, name: string): string {
  return name.replace(/^refs\/heads\//, `refs/remotes/${remote.name}/`)
}

/** Notes where the branches over there are now, as a fetch would. */
async function noteRefs(
  repository: Repository,
  remote: Remote,
  pushed: Awaited<ReturnType<typeof push>>['refs'],
): Promise<void> {
  if (remote.name === remote.url) return
  const branches = pushed.filter(({ name }) => name.startsWith('refs/heads/'))
  await repository.write(`push: ${remote.name}`, async ({ publish }) =>
    publish({ refs: new Map(branches.map(({ name, to }) => [trackingName(remote, name), to])) }),
  )
}
