import { log, type LogEntry, type LogRequest, type Repository, show } from '@dsv/core'
import { commitImports } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import type { CommandIo } from '../io.ts'
import { itemKeyOf } from '../item-key-of.ts'
import { printPieces } from '../print-pieces.ts'
import { repositoryPath, repositoryPaths } from '../repository-path.ts'
import { namesCommit } from '../split-revision-and-paths.ts'
import { diffLines } from '../views/diff-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { commitLines, onelineText } from '../views/log-lines.ts'
import { paintOf } from '../views/paint.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv log`: the history. */
export const logCommand: Command = defineCommand({
  name: 'log',
  positionals: '[words..]',
  summary: 'Show the commits that led here, newest first.',
  details: 'Words are revisions and ranges (A..B, ^A), then paths; what follows -- is paths.',
  examples: [
    ['dsv log --oneline -n 10', 'The last ten commits'],
    ['dsv log main..fix-labels', 'What a branch has that main has not'],
    ['dsv log data/street', 'Commits that changed a dataset'],
    [`dsv log --where 'category = "van"'`, 'Commits that changed a van'],
    ['dsv log --item train/000012', 'Commits that changed one item'],
  ],
  afterDashes: 'paths',
  describe: (options) =>
    options
      .positional('words', { type: 'string', array: true, describe: 'Revisions, then paths' })
      .option('oneline', { type: 'boolean', default: false, describe: 'One line for each commit' })
      .option('max-count', { alias: 'n', type: 'number', describe: 'At most so many commits' })
      .option('skip', { type: 'number', describe: 'Leave out so many first' })
      .option('since', {
        alias: 'after',
        type: 'string',
        describe: 'Not before: 2.weeks, 2026-01-31',
      })
      .option('until', { alias: 'before', type: 'string', describe: 'Not after' })
      .option('author', { type: 'string', describe: 'Part of the name or email of the author' })
      .option('committer', { type: 'string', describe: 'The same for the committer' })
      .option('grep', { type: 'string', describe: 'Part of the message' })
      .option('dataset', { type: 'string', describe: 'Commits that changed this dataset' })
      .option('item', { type: 'string', describe: 'Commits that changed this item: subset/id' })
      .option('where', {
        type: 'string',
        describe: 'Commits that changed an annotation or item that matches a query',
      })
      .option('first-parent', {
        type: 'boolean',
        default: false,
        describe: 'Follow only the first parent of merges',
      })
      .option('no-merges', { type: 'boolean', default: false, describe: 'Leave merges out' })
      .option('all', { type: 'boolean', default: false, describe: 'Begin at every branch and tag' })
      .option('stat', { type: 'boolean', default: false, describe: 'With sums of what changed' })
      .option('patch', {
        alias: 'p',
        type: 'boolean',
        default: false,
        describe: 'With what changed',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print a list as JSON' }),
  run: async (args, io) => {
    await withRepository(io, async (repository) => {
      const request = await requestOf(repository, io, args)
      let separator = '['
      let isFirst = true
      const paint = paintOf(io)
      const importsOf = commitImports(repository)
      for await (const entry of log(repository, request)) {
        const imports = args.oneline && !args.json ? [] : await importsOf(entry.commit)
        if (args.json) {
          io.out(separator + jsonText({ ...entry, imports }).trimEnd())
          separator = ','
          continue
        }
        if (args.oneline) io.out(`${onelineText(entry, paint)}\n`)
        else io.out(`${isFirst ? '' : '\n'}${commitLines(entry, imports, paint).join('\n')}\n`)
        isFirst = false
        if (args.stat || args.patch) await printChange(repository, io, entry, args.patch)
      }
      if (args.json) io.out(separator === '[' ? '[]\n' : ']\n')
    })
  },
})

interface LogArguments {
  readonly words?: readonly string[] | undefined
  readonly '--'?: readonly string[]
  readonly maxCount: number | undefined
  readonly skip: number | undefined
  readonly since: string | undefined
  readonly until: string | undefined
  readonly author: string | undefined
  readonly committer: string | undefined
  readonly grep: string | undefined
  readonly dataset: string | undefined
  readonly item: string | undefined
  readonly where: string | undefined
  readonly firstParent: boolean
  readonly noMerges: boolean
  readonly all: boolean
}

async function requestOf(
  repository: Repository,
  io: CommandIo,
  args: LogArguments,
): Promise<LogRequest> {
  const { revisions, paths } = await splitWords(repository, io, args.words ?? [])
  const everything = args.all ? await allTips(repository) : []
  const { since, until, author, committer, grep, where, skip, maxCount } = args
  return {
    revisions: [...revisions, ...everything],
    paths: repositoryPaths(repository, io, [...paths, ...(args['--'] ?? [])]),
    firstParent: args.firstParent,
    ...(args.noMerges && { merges: false }),
    ...(args.dataset !== undefined && { dataset: repositoryPath(repository, io, args.dataset) }),
    ...(args.item !== undefined && { item: itemKeyOf(args.item) }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(author !== undefined && { author }),
    ...(committer !== undefined && { committer }),
    ...(grep !== undefined && { grep }),
    ...(where !== undefined && { where }),
    ...(skip !== undefined && { skip }),
    ...(maxCount !== undefined && { limit: maxCount }),
  }
}

async function splitWords(
  repository: Repository,
  io: CommandIo,
  words: readonly string[],
): Promise<{ readonly revisions: readonly string[]; readonly paths: readonly string[] }> {
  for (const [at, word] of words.entries()) {
    if (word.startsWith('^') || word.includes('..')) continue
    if (await namesCommit(repository, io, word)) continue
    return { revisions: words.slice(0, at), paths: words.slice(at) }
  }
  return { revisions: words, paths: [] }
}

async function allTips(repository: Repository): Promise<readonly string[]> {
  const { refs } = await repository.state()
  return [...refs.keys()].filter((name) => name !== 'refs/stash' && !name.startsWith('refs/dsv/'))
}

async function printChange(
  repository: Repository,
  io: CommandIo,
  entry: LogEntry,
  isFull: boolean,
): Promise<void> {
  const { difference } = await show(repository, entry.commitId)
  io.out('\n')
  await printPieces(diffLines(difference, isFull ? 'full' : 'stat', paintOf(io)), io)
}
