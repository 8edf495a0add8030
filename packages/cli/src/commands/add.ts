import { add } from '@dsv/core'
import { type Command, defineCommand } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { repositoryPaths } from '../repository-path.ts'
import { stageText } from '../views/stage-text.ts'
import { jsonText } from '../views/json-text.ts'
import { countLosses, lossLines, problemLines } from '../views/loss-lines.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv add`: stages files and datasets. */
export const addCommand: Command = defineCommand({
  name: 'add',
  positionals: '[paths..]',
  summary: 'Stage files and datasets: what is staged is in the next commit.',
  details: [
    'A named folder in a known format becomes a dataset: its images and annotations are read, and',
    'are compared and merged as such from then on. Other files are kept as they are.',
  ].join('\n'),
  examples: [
    ['dsv add data/street --format voc', 'Track a folder as a dataset'],
    ['dsv add README.md notes', 'Track plain files'],
    ['dsv add -u', 'Stage every edit of tracked files'],
  ],
  describe: (options) =>
    options
      .positional('paths', {
        type: 'string',
        array: true,
        describe: 'Files and folders to stage',
      })
      .option('format', {
        type: 'string',
        describe: 'Make each named folder a dataset of this format',
      })
      .option('map', {
        type: 'string',
        describe:
          'What the columns of a table mean: "image={path},label={class}" (implies --format csv)',
      })
      .option('plain', {
        type: 'boolean',
        default: false,
        describe: 'Treat the named folders as plain files',
      })
      .option('all', {
        alias: 'A',
        type: 'boolean',
        default: false,
        describe: 'Stage everything in the repository',
      })
      .option('update', {
        alias: 'u',
        type: 'boolean',
        default: false,
        describe: 'Stage edits and removals of tracked files only',
      })
      .option('on-error', {
        choices: ['fail', 'skip'] as const,
        default: 'fail' as const,
        describe: 'What to do with annotations that cannot be read',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async ({ paths = [], format: asked, map, plain, all, update, onError, json }, io) => {
    const format = asked ?? (map === undefined ? undefined : 'csv')
    exclude({ plain, map })
    exclude({ plain, format })
    exclude({ all, update })
    exclude({ update, map })
    if (paths.length === 0 && !all && !update)
      throw new UsageError(
        'Nothing is named. Name paths, or use `dsv add .` for all in this folder.',
      )
    await withRepository(io, async (repository) => {
      const named = repositoryPaths(repository, io, paths)
      const outcome = await add(repository, {
        paths: named.length === 0 ? [''] : named,
        trackedOnly: update,
        plain,
        onError,
        ...(format !== undefined && { format }),
        ...(map !== undefined && { map }),
      })
      io.out(json ? jsonText(outcome) : `${stageText(outcome)}\n`)
      if (json) return
      for (const { path, losses, problems } of outcome.datasets) {
        for (const line of lossLines(
          countLosses(losses),
          `dataset ${path || '.'} was read without`,
        ))
          io.note(`${line}\n`)
        for (const line of problemLines(problems)) io.note(`${line}\n`)
      }
    })
  },
})
