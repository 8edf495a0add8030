import {
  fillMedia,
  localConfigFile,
  type MediaFilter,
  readPartialClone,
  type Repository,
  status,
  writePartialClone,
} from '@dsv/core'
import { fetch, type Remote } from '@dsv/remote'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { depthOf, MEDIA_OPTIONS, mediaFilterOf } from '../media-options.ts'
import { absentLines } from '../views/status-lines.ts'
import { repositoryPath } from '../repository-path.ts'
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
  details: [
    'In a partial clone --media, --subset, --path and --where choose anew which media are in the working',
    'tree. Those that it lacks are written; none is deleted.',
  ].join('\n'),
  examples: [
    ['dsv fetch', 'Get all branches and tags of the remote'],
    ['dsv fetch origin fix-labels', 'Get one branch'],
    ['dsv diff main origin/main', 'Then look at what is new'],
    ['dsv fetch --unshallow', 'Get the rest of the history of a partial clone'],
    ['dsv fetch --subset val --subset test', 'Have the images of these in a partial clone'],
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
      .options(MEDIA_OPTIONS)
      .option('unshallow', {
        type: 'boolean',
        default: false,
        describe: 'All commits that a partial clone lacks',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the result as JSON' }),
  run: async ({ remote: named, branches = [], prune, dryRun, json, unshallow, ...args }, io) => {
    exclude({ depth: args.depth, unshallow })
    const depth = unshallow ? Infinity : depthOf(args)
    await withRepository(io, async (repository) => {
      const filter = mediaFilterOf(args, (typed) => repositoryPath(repository, io, typed))
      if (!repository.isPartial && (filter !== undefined || depth !== undefined))
        throw new UsageError('This is no partial clone: it has everything.')
      const remote = remoteOf(repository, named)
      await withRemote(remote, { base: repository.folder, io }, async (opened) => {
        const outcome = await fetch(repository, opened, {
          prune,
          dryRun,
          ...(depth !== undefined && { depth }),
          ...(branches.length > 0 && { branches }),
        })
        if (filter !== undefined && !dryRun) await chooseMedia(repository, filter)
        if (json) {
          io.out(jsonText(outcome))
          return
        }
        const { count, refs } = outcome
        const lines = fetchedLines(remote.url, refs, paintOf(io))
        if (lines.length === 0 && count.commits === 0) io.out(`${nothingNew(repository, remote)}\n`)
        for (const line of lines) io.out(`${line}\n`)
        if (count.objects + count.blobs > 0)
          io.out(`${dryRun ? 'Would get' : 'Got'} ${transferText(count)}\n`)
        if (filter !== undefined)
          for (const line of absentLines(await status(repository))) io.out(`${line}\n`)
      })
    })
  },
})

function nothingNew({ isPartial }: Repository, { name }: Remote): string {
  return isPartial ? `Nothing is new in ${name}.` : `Everything of ${name} is here already.`
}

/** Another choice counts only when its media are there: else it is the old one. */
async function chooseMedia(repository: Repository, filter: MediaFilter): Promise<void> {
  const file = localConfigFile(repository.folder)
  const before = readPartialClone(file)
  writePartialClone(file, { ...filter, remote: before.remote })
  try {
    await fillMedia(repository)
  } catch (error) {
    writePartialClone(file, before)
    throw error
  }
}
