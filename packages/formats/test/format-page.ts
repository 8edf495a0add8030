import type { MatrixCell, MatrixRow } from './format-matrix.ts'
import { SAMPLE_TYPES } from './sample-annotations.ts'

/** Returns docs/formats/README.md: the formats, and what each makes of each type of annotation. */
export function formatPage(rows: readonly MatrixRow[]): string {
  return [
    '# Formats',
    '',
    '<!-- Made by `npm run docs:formats`, which writes and reads an annotation of each type. -->',
    '',
    `${rows.length} formats. I: dsv reads (imports) it, E: dsv writes (exports) it. Names are what \`--format\``,
    'takes; `dsv formats <name>` says more, and [differences](differences.md) where dsv reads something',
    'else than Datumaro does. How to add one of your own: [plugins](plugins.md).',
    '',
    ...table([['format', '', 'variants'], ...rows.map(listRow)]),
    '',
    '## What becomes of annotations',
    '',
    'Each cell is measured: an annotation of that type was written to the format and read again.',
    '`✓` it is the same, `≈` its coordinates are rounded to pixels, `→` it becomes something else, `·` it is left',
    'out. Whatever is not `✓` is reported by the command that writes, and `--strict` refuses it. Without',
    'a name it happens in the default variant, else in the variant that keeps it best.',
    '',
    ...table([
      ['format', ...SAMPLE_TYPES],
      ...rows.filter(({ cells }) => cells.length > 0).map(matrixRow),
    ]),
    '',
  ].join('\n')
}

function listRow({ format }: MatrixRow): readonly string[] {
  const { name, title, variants, canWrite } = format
  const direction = canWrite === false ? 'I' : 'I E'
  const link = `[${name}](${name}.md): ${title.replaceAll('|', String.raw`\|`)}`
  return [link, direction, variants.map((each) => `\`${each}\``).join(', ')]
}

function matrixRow({ format, cells }: MatrixRow): readonly string[] {
  return [format.name, ...cells.map(cellText)]
}

function cellText({ kind, into, variant }: MatrixCell): string {
  const signs = { kept: '✓', rounded: '≈', changed: `→ ${into.join(', ')}`, dropped: '·' }
  if (kind === 'refused') return 'refused'
  return variant === undefined ? signs[kind] : `${signs[kind]} \`${variant}\``
}

/** A Markdown table whose columns are as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = widths.map((width) => '-'.repeat(width))
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)]
}
