import path from 'node:path'
import { convertDataset } from '@dsv/formats'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { openFormats } from '../open-formats.ts'
import { jsonText } from '../views/json-text.ts'
import { lossLines, problemLines } from '../views/loss-lines.ts'
import { countOf } from '../views/quantities.ts'

/** `dsv convert`: converts a dataset without a repository. */
export const convertCommand: Command = defineCommand({
  name: 'convert',
  positionals: '<paths..>',
  summary: 'Convert a dataset to another format, without a repository.',
  details:
    'The last path is the folder to write; all before it are read. Several inputs become one dataset:\n' +
    'categories of one name are one category, and items of one name are an error that --prefix avoids.',
  examples: [
    ['dsv convert data/street /tmp/coco --to coco', 'The format of the input is found out'],
    ['dsv convert export.zip labels --from cvat --to yolo --media none', 'Only the labels'],
    ['dsv convert city country.zip both --to voc --prefix', 'Two datasets become one'],
  ],
  describe: (options) =>
    options
      .positional('paths', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Folders or zip files to read, then a folder that is empty or not there yet',
      })
      .option('to', {
        type: 'string',
        demandOption: true,
        alias: ['f', 'format'],
        describe: 'The format to write',
      })
      .option('from', {
        type: 'string',
        array: true,
        requiresArg: true,
        nargs: 1,
        describe: 'The format of the inputs; several times: of each',
      })
      .option('prefix', {
        type: 'boolean',
        default: false,
        describe: 'Put the name of its input before each item',
      })
      .option('map', {
        type: 'string',
        describe:
          'What the columns of a table mean: "image={path},label={class}" (implies --from csv)',
      })
      .option('variant', { type: 'string', describe: 'A variant of the format' })
      .option('media', {
        choices: ['copy', 'link', 'none'] as const,
        describe: 'How images get there',
      })
      .option('layer', { type: 'string', describe: 'The layer to write' })
      .option('on-error', {
        choices: ['fail', 'skip'] as const,
        default: 'fail' as const,
        describe: 'What to do with annotations that cannot be read',
      })
      .option('strict', {
        type: 'boolean',
        default: false,
        describe: 'Refuse when anything would be lost',
      })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'Write over what is in the folder',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async (args, io) => {
    const { to, map, variant, media, layer, onError, strict, force, prefix } = args
    const from = args.from ?? (map === undefined ? undefined : 'csv')
    const inputs = args.paths.slice(0, -1)
    const output = args.paths.at(-1) ?? ''
    if (inputs.length === 0) throw new UsageError('Name what to convert, then the folder to write.')
    const request = {
      input: inputs.map((input) => path.resolve(io.folder, input)),
      output: path.resolve(io.folder, output),
      to,
      prefix,
      onError,
      strict,
      force,
      ...(from !== undefined && { from }),
      ...(map !== undefined && { map }),
      ...(variant !== undefined && { variant }),
      ...(media !== undefined && { media }),
      ...(layer !== undefined && { layer }),
    }
    const formats = await openFormats(io)
    const context = { signal: io.signal, onProgress: io.onProgress, formats }
    const outcome = await convertDataset(request, context)
    if (args.json) {
      io.out(jsonText(outcome))
      return
    }
    io.out(
      `Wrote ${countOf(outcome.items, 'item')} to ${output} as ${outcome.to} (read as ${outcome.from}).\n`,
    )
    for (const line of lossLines(outcome.losses, `${outcome.to} cannot hold`)) io.note(`${line}\n`)
    for (const line of problemLines(outcome.problems)) io.note(`${line}\n`)
  },
})
