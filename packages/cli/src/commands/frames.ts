import path from 'node:path'
import { extractFrames } from '@dsv/formats'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import { jsonText } from '../views/json-text.ts'
import { countOf } from '../views/quantities.ts'

/** `dsv frames`: writes the frames of a video as images. */
export const framesCommand: Command = defineCommand({
  name: 'frames',
  positionals: '<video> <folder>',
  summary: 'Write the frames of a video as images, with the names that CVAT gives them.',
  details:
    'Each frame that FFmpeg decodes becomes a PNG; none is repeated or left out to keep a rate. To keep the video alone and\n' +
    'decode frames when they are needed, track its folder with `dsv add <folder> --format video`.',
  examples: [
    ['dsv frames movie.mkv JPEGImages', 'frame_000000.PNG and so on'],
    ['dsv frames movie.mkv frames --step 10 --prefix movie1', 'Every tenth, with its number'],
  ],
  describe: (options) =>
    options
      .positional('video', { type: 'string', demandOption: true, describe: 'A video file' })
      .positional('folder', {
        type: 'string',
        demandOption: true,
        describe: 'A folder that is empty or not there yet',
      })
      .option('prefix', { type: 'string', default: 'frame', describe: 'What names begin with' })
      .option('extension', {
        choices: ['PNG', 'png'] as const,
        default: 'PNG' as const,
        describe: 'What names end with',
      })
      .option('first', { type: 'number', default: 0, describe: 'The first frame, from 0' })
      .option('last', { type: 'number', describe: 'The last frame' })
      .option('step', { type: 'number', default: 1, describe: 'Take every so many frames' })
      .option('force', { type: 'boolean', default: false, describe: 'Write over what is there' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async ({ video, folder, prefix, extension, first, last, step, force, json }, io) => {
    checkNumber('first', first, 0)
    checkNumber('step', step, 1)
    if (last !== undefined) checkNumber('last', last, first)
    if (/[/\\]/u.test(prefix)) throw new UsageError('--prefix is a name, not a path.')
    const frames = await extractFrames(
      {
        prefix,
        extension,
        first,
        step,
        force,
        video: path.resolve(io.folder, video),
        output: path.resolve(io.folder, folder),
        ...(last !== undefined && { last }),
      },
      io,
    )
    if (json) io.out(jsonText({ frames }))
    else io.out(`Wrote ${countOf(frames, 'frame')} to ${folder}\n`)
  },
})

function checkNumber(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name} takes a whole number from ${least} on.`)
}
