import path from 'node:path'
import {
  checkoutFormat,
  createBranch,
  exportDataset,
  type Repository,
  restore,
  switchTo,
} from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { previousBranch } from '../previous-branch.ts'
import { repositoryPath, repositoryPaths } from '../repository-path.ts'
import { splitRevisionAndPaths } from '../split-revision-and-paths.ts'
import { exportText } from '../views/export-text.ts'
import { jsonText } from '../views/json-text.ts'
import { lossLines } from '../views/loss-lines.ts'
import { shortList } from '../views/quantities.ts'
import { switchText } from '../views/switch-text.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv checkout`: any version, any format, any place. */
export const checkoutCommand: Command = defineCommand({
  name: 'checkout',
  positionals: '[words..]',
  summary: 'Get any version, in any format, in any place.',
  details: [
    'With -o a version is exported to a folder; the working tree stays as it is.',
    'With --format alone datasets of the working tree are written anew, in place.',
    'With a branch or commit it works like `dsv switch`; with paths like `dsv restore`.',
  ].join('\n'),
  examples: [
    ['dsv checkout v1.0 --format coco -o /tmp/train', 'Export a version as COCO'],
    [`dsv checkout v1.0 -o /tmp/cars --where 'category = "car"'`, 'Export only cars'],
    ['dsv checkout --format yolo data/street', 'Look at a dataset as YOLO'],
    ['dsv checkout main', 'Go to a branch'],
    ['dsv checkout v1.0 -- README.md', 'Bring back a file of a version'],
  ],
  afterDashes: 'paths',
  describe: (options) =>
    options
      .positional('words', {
        type: 'string',
        array: true,
        describe: 'A revision, then paths or datasets',
      })
      .option('output', { alias: 'o', type: 'string', describe: 'Export to this folder' })
      .option('format', { type: 'string', describe: 'The format to write' })
      .option('variant', { type: 'string', describe: 'A variant of the format' })
      .option('where', { type: 'string', describe: 'With -o: only what matches a query' })
      .option('subset', { type: 'string', describe: 'With -o: only items of a subset' })
      .option('annotations', {
        choices: ['matching', 'all'] as const,
        describe: 'With --where: which annotations of the items go along',
      })
      .option('layer', { type: 'string', describe: 'With -o: the layer to write' })
      .option('media', {
        choices: ['copy', 'link', 'none'] as const,
        describe: 'With -o: how images get there',
      })
      .option('strict', {
        type: 'boolean',
        default: false,
        describe: 'With -o: refuse when the format cannot hold everything',
      })
      .option('branch', { alias: 'b', type: 'string', describe: 'Make this branch and go to it' })
      .option('force-branch', { alias: 'B', type: 'string', describe: 'The same, or move it' })
      .option('detach', {
        alias: 'd',
        type: 'boolean',
        default: false,
        describe: 'Go to the commit of a branch, not to the branch',
      })
      .option('force', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Drop local changes; with -o: write over what is there',
      })
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'With -o or --format: print the outcome as JSON',
      }),
  run: async (args, io) => {
    exclude({ output: args.output, branch: args.branch, 'force-branch': args.forceBranch })
    await withRepository(io, async (repository) => {
      if (args.output !== undefined)
        await exportTo(repository, io, { ...args, output: args.output })
      else if (args.format !== undefined)
        await rewrite(repository, io, { ...args, format: args.format })
      else await goOrRestore(repository, io, args)
    })
  },
})

interface CheckoutArguments {
  readonly words?: readonly string[] | undefined
  readonly '--'?: readonly string[]
  readonly variant: string | undefined
  readonly force: boolean
  readonly json: boolean
}

interface ExportArguments extends CheckoutArguments {
  readonly output: string
  readonly format: string | undefined
  readonly where: string | undefined
  readonly subset: string | undefined
  readonly annotations: 'matching' | 'all' | undefined
  readonly layer: string | undefined
  readonly media: 'copy' | 'link' | 'none' | undefined
  readonly strict: boolean
}

async function exportTo(
  repository: Repository,
  io: CommandIo,
  args: ExportArguments,
): Promise<void> {
  const [revision = 'HEAD', first, second] = [...(args.words ?? []), ...(args['--'] ?? [])]
  if (second !== undefined) throw new UsageError('One dataset can be exported at a time.')
  const { format, variant, where, subset, annotations, media, layer } = args
  const outcome = await exportDataset(repository, {
    revision,
    output: path.resolve(io.folder, args.output),
    strict: args.strict,
    force: args.force,
    onWarning: (warning) => io.note(`warning: ${warning}\n`),
    ...(first !== undefined && { dataset: repositoryPath(repository, io, first) }),
    ...(format !== undefined && { format }),
    ...(variant !== undefined && { variant }),
    ...(where !== undefined && { where }),
    ...(subset !== undefined && { subset }),
    ...(annotations !== undefined && { annotations }),
    ...(media !== undefined && { media }),
    ...(layer !== undefined && { layer }),
  })
  io.out(args.json ? jsonText(outcome) : `${exportText(outcome, args.output)}\n`)
  if (args.json) return
  for (const line of lossLines(outcome.losses, `${outcome.format ?? 'the format'} cannot hold`))
    io.note(`${line}\n`)
}

async function rewrite(
  repository: Repository,
  io: CommandIo,
  args: CheckoutArguments & { readonly format: string },
): Promise<void> {
  const named = [...(args.words ?? []), ...(args['--'] ?? [])]
  const { variant, format } = args
  const rewritten = await checkoutFormat(repository, {
    format,
    ...(named.length > 0 && { datasets: repositoryPaths(repository, io, named) }),
    ...(variant !== undefined && { variant }),
  })
  if (args.json) {
    io.out(jsonText(rewritten))
    return
  }
  if (rewritten.length === 0) io.out(`Nothing to do: it is in ${format} already.\n`)
  for (const { path: dataset, from, to, losses, isRestored } of rewritten) {
    const how = isRestored ? ', with the files of the last commit' : ''
    io.out(`Dataset ${dataset || '.'} is now in ${to} (was ${from})${how}.\n`)
    for (const line of lossLines(losses, `files in ${to} do not show`)) io.note(`${line}\n`)
  }
}

interface GoArguments extends CheckoutArguments {
  readonly branch: string | undefined
  readonly forceBranch: string | undefined
  readonly detach: boolean
}

async function goOrRestore(
  repository: Repository,
  io: CommandIo,
  args: GoArguments,
): Promise<void> {
  const { force, detach } = args
  const words = args.words ?? []
  const made = args.branch ?? args.forceBranch
  if (made !== undefined) {
    const [start] = words
    const options = start === undefined ? {} : { start }
    if (args.forceBranch !== undefined)
      await createBranch(repository, made, { force: true, ...options })
    const create = args.forceBranch === undefined
    const request = { target: made, force, create, ...(create && options) }
    io.out(switchText(await switchTo(repository, request), { isNew: create }))
    return
  }
  const [only] = words
  if (only === '-' && words.length === 1) {
    io.out(
      switchText(await switchTo(repository, { target: await previousBranch(repository), force })),
    )
    return
  }
  const { refs, head } = await repository.state()
  const isBranch = (name: string): boolean =>
    refs.has(`refs/heads/${name}`) || (head.type === 'branch' && head.name === `refs/heads/${name}`)
  if (
    only !== undefined &&
    words.length === 1 &&
    (args['--'] ?? []).length === 0 &&
    isBranch(only)
  ) {
    io.out(switchText(await switchTo(repository, { target: only, force, detach })))
    return
  }
  const { revision, paths } = await splitRevisionAndPaths(repository, io, words, args['--'] ?? [])
  if (paths.length > 0) {
    await restore(repository, {
      paths: repositoryPaths(repository, io, paths),
      ...(revision !== undefined && { source: revision, staged: true, worktree: true }),
    })
    io.out(`Restored ${shortList(paths)}\n`)
    return
  }
  if (revision === undefined)
    throw new UsageError('Say what to check out: a branch, a version, paths.')
  io.out(switchText(await switchTo(repository, { target: revision, detach: true, force })))
}
