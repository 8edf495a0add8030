import { diff, filterDiff, isEmptySchemaDiff, type SnapshotDiff } from '@dsv/core'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { diffSides } from '../diff-sides.ts'
import { exclude } from '../exclude.ts'
import { printPieces } from '../print-pieces.ts'
import { diffJson } from '../views/diff-json.ts'
import { type DiffDetail, diffLines } from '../views/diff-lines.ts'
import { paintOf } from '../views/paint.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv diff`: what changed, annotation by annotation. */
export const diffCommand: Command = defineCommand({
  name: 'diff',
  positionals: '[revisions..]',
  summary: 'Show what changed: categories, items and annotations of datasets, and plain files.',
  details: [
    'Without a revision the disk is compared with the stage; with --staged the stage with the last',
    'commit; with one revision the disk with it; with two (or A..B) the second with the first. A...B',
    'compares B with where the two parted. What follows -- are paths.',
  ].join('\n'),
  examples: [
    ['dsv diff', 'Edits that are not staged'],
    ['dsv diff --staged', 'What the next commit will change'],
    ['dsv diff main..fix-labels --stat', 'Sums by category and subset'],
    [`dsv diff v1.0 v2.0 --where 'category = "car"'`, 'Only changed cars'],
  ],
  afterDashes: 'paths',
  describe: (options) =>
    options
      .positional('revisions', {
        type: 'string',
        array: true,
        describe: 'None, one, two, or a range; or paths',
      })
      .option('staged', {
        alias: 'cached',
        type: 'boolean',
        default: false,
        describe: 'Compare the stage with the last commit, or with a revision',
      })
      .option('stat', { type: 'boolean', default: false, describe: 'Only sums' })
      .option('name-only', {
        type: 'boolean',
        default: false,
        describe: 'Only the names of items and files',
      })
      .option('where', {
        type: 'string',
        describe: 'Only annotations and items that match a query, before or after',
      })
      .option('exit-code', {
        type: 'boolean',
        default: false,
        describe: 'Exit with 1 when something differs',
      })
      .option('quiet', {
        alias: 'q',
        type: 'boolean',
        default: false,
        describe: 'Print nothing; implies --exit-code',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the diff as JSON' }),
  run: async (args, io) => {
    exclude({ stat: args.stat, 'name-only': args.nameOnly })
    return withRepository(io, async (repository) => {
      const { from, to, paths } = await diffSides(repository, io, {
        words: args.revisions ?? [],
        paths: args['--'] ?? [],
        staged: args.staged,
      })
      const detail: DiffDetail = args.stat ? 'stat' : args.nameOnly ? 'names' : 'full'
      return diff(repository, from, to, async (difference, reader) => {
        const filtered = filterDiff(difference, reader, {
          paths,
          ...(args.where !== undefined && { where: args.where }),
        })
        if (!args.quiet) {
          const view = args.json
            ? diffJson(filtered, detail)
            : diffLines(filtered, detail, paintOf(io))
          await printPieces(view, io)
        }
        if (!args.exitCode && !args.quiet) return DONE
        return (await differs(filtered)) ? FAILED : DONE
      })
    })
  },
})

async function differs(difference: SnapshotDiff): Promise<boolean> {
  for (const { items, schema, formats } of difference.datasets) {
    if (formats.from !== formats.to || !isEmptySchemaDiff(schema)) return true
    for await (const item of items()) if (item !== undefined) return true
  }
  for await (const file of difference.files()) if (file !== undefined) return true
  return false
}
