import path from 'node:path'
import { judgeFormats, openPreview } from '@dsv/formats'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { openFormats } from '../open-formats.ts'
import { detectionLines, explanationLines } from '../views/detection-lines.ts'
import { jsonText } from '../views/json-text.ts'

/** `dsv detect`: says which format a folder is in. */
export const detectCommand: Command = defineCommand({
  name: 'detect',
  positionals: '[folder]',
  summary: 'Say which format a folder or zip file is in, and why.',
  details:
    'Looks at names and first bytes only, and of large folders at the first files of each kind.\n' +
    'Exits with 1 when no format fits.',
  examples: [
    ['dsv detect data/street', 'The formats that fit a folder'],
    ['dsv detect data/street --why', 'And what the other formats miss'],
  ],
  describe: (options) =>
    options
      .positional('folder', { type: 'string', default: '.', describe: 'A folder or zip file' })
      .option('why', {
        type: 'boolean',
        default: false,
        describe: 'Say of every format what speaks for it or what it misses',
      })
      .option('map', {
        type: 'string',
        describe: 'What the columns of a table mean: asks only formats that take that',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ folder: typed, map, json, why }, io) => {
    const known = await openFormats(io)
    const folder = await openPreview(path.resolve(io.folder, typed))
    try {
      const formats = judgeFormats(await known.detect(folder, map))
      const fits = formats.some(({ verdict }) => verdict !== 'rejected')
      if (json) io.out(jsonText(formats))
      else {
        if (!fits) io.note(`No format fits ${typed}\n`)
        const lines = why
          ? explanationLines(formats, await folder.list(), await folder.isComplete())
          : detectionLines(formats)
        for (const line of lines) io.out(`${line}\n`)
      }
      return fits ? DONE : FAILED
    } finally {
      await folder.close()
    }
  },
})
