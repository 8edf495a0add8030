import path from 'node:path'
import { convertDataset } from '@dsv/formats'
import { type Command, defineCommand } from '../command.ts'
import { jsonText } from '../views/json-text.ts'
import { lossLines, problemLines } from '../views/loss-lines.ts'
import { countOf } from '../views/quantities.ts'

/** `dsv convert`: converts a dataset without a repository. */
export const convertCommand: Command = defineCommand({
  name: 'convert',
  positionals: '<input> <output>',
  summary: 'Convert a dataset to another format, without a repository.',
  examples: [
    ['dsv convert data/street /tmp/coco --to coco', 'The format of the input is found out'],
    ['dsv convert export.zip labels --from cvat --to yolo --media none', 'Only the labels'],
  ],
  describe: (options) =>
    options
      .positional('input', { type: 'string', demandOption: true, describe: 'A folder or zip file' })
      .positional('output', {
        type: 'string',
        demandOption: true,
        describe: 'A folder that is empty or not there yet',
      })
      .option('to', {
        type: 'string',
        demandOption: true,
        alias: 'format',
        describe: 'The format to write',
      })
      .option('from', { type: 'string', describe: 'The format of the input' })
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
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Write over what is in the folder',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async (args, io) => {
    const { to, map, variant, media, layer, onError, strict, force } = args
    const from = args.from ?? (map === undefined ? undefined : 'csv')
    const request = {
      input: path.resolve(io.folder, args.input),
      output: path.resolve(io.folder, args.output),
      to,
      onError,
      strict,
      force,
      ...(from !== undefined && { from }),
      ...(map !== undefined && { map }),
      ...(variant !== undefined && { variant }),
      ...(media !== undefined && { media }),
      ...(layer !== undefined && { layer }),
    }
    const context = { signal: io.signal, onProgress: io.onProgress }
    const outcome = await convertDataset(request, context)
    if (args.json) {
      io.out(jsonText(outcome))
      return
    }
    io.out(
      `Wrote ${countOf(outcome.items, 'item')} to ${args.output} as ${outcome.to} (read as ${outcome.from}).\n`,
    )
    for (const line of lossLines(outcome.losses, `${outcome.to} cannot hold`)) io.note(`${line}\n`)
    for (const line of problemLines(outcome.problems)) io.note(`${line}\n`)
  },
})
