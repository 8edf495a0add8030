import path from 'node:path'
import { detectFormat, openFolder } from '@dsv/formats'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { jsonText } from '../views/json-text.ts'
import { listLines } from '../views/table-lines.ts'
import { oneLine } from '../views/annotation-text.ts'

/** `dsv detect`: says which format a folder is in. */
export const detectCommand: Command = defineCommand({
  name: 'detect',
  positionals: '[folder]',
  summary: 'Say which format a folder or zip file is in, and why.',
  details: 'Looks at names and first bytes only. Exits with 1 when no format fits.',
  examples: [['dsv detect data/street', 'What each format says of a folder']],
  describe: (options) =>
    options
      .positional('folder', { type: 'string', default: '.', describe: 'A folder or zip file' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ folder: typed, json }, io) => {
    const folder = await openFolder(path.resolve(io.folder, typed))
    try {
      const detected = await detectFormat(folder)
      const fits = detected.some(({ confidence }) => confidence > 0)
      if (json) io.out(jsonText(detected))
      else {
        if (!fits) io.note(`No format fits ${typed}\n`)
        const rows = detected.map(({ format, confidence, reason }) => [
          format,
          `${Math.round(confidence * 100)} %`.padStart(5),
          oneLine(reason),
        ])
        for (const line of listLines(rows)) io.out(`${line}\n`)
      }
      return fits ? DONE : FAILED
    } finally {
      await folder.close()
    }
  },
})
