import { type Command, defineCommand } from '../command.ts'
import { openFormats } from '../open-formats.ts'
import { jsonText } from '../views/json-text.ts'
import { listLines } from '../views/table-lines.ts'

/** `dsv formats`: lists the annotation formats. */
export const formatsCommand: Command = defineCommand({
  name: 'formats',
  positionals: '[format]',
  summary: 'List the annotation formats, or say what one can hold.',
  examples: [
    ['dsv formats', 'All formats'],
    ['dsv formats coco', 'What COCO can hold, and where it is specified'],
  ],
  describe: (options) =>
    options
      .positional('format', { type: 'string', describe: 'Name of a format' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ format, json }, io) => {
    const known = await openFormats(io)
    const names = format === undefined ? known.names : [format]
    const formats = await Promise.all(names.map(async (name) => known.describe(name)))
    if (json) {
      io.out(jsonText(formats))
      return
    }
    if (format === undefined) {
      for (const line of listLines(formats.map(({ name, title }) => [name, title])))
        io.out(`${line}\n`)
      return
    }
    for (const { name, title, source, holds, variants } of formats) {
      io.out(`${name}: ${title}\n`)
      io.out(`  holds     ${[...holds].join(', ')}\n`)
      if (variants.length > 0) io.out(`  variants  ${variants.join(', ')}\n`)
      io.out(`  source    ${source.href}\n`)
    }
  },
})
