import { formatSyntax } from '@dsv/core'
import type { ColoredLabel, Rgb } from './label-colors.ts'
import { decodeText } from './text-reader.ts'

/** The file that names labels and their colours beside the masks of CamVid and SYNTHIA. */
export const LABEL_COLORS = 'label_colors.txt'

/**
 * Reads `red green blue name` lines, or lines of a name alone; `#` begins a comment.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseLabelColors(bytes: Uint8Array, file: string): readonly ColoredLabel[] {
  const labels = new Map<string, ColoredLabel>()
  for (const [index, line] of decodeText(bytes, file).split(/\r?\n/u).entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const match = /^(\d+)\s+(\d+)\s+(\d+)\s+(\S.*)$/u.exec(text)
    const name = match?.[4] ?? text
    const place = `line ${index + 1}`
    if (labels.has(name)) throw formatSyntax(file, `${place}: the label "${name}" was there before`)
    if (match === null) labels.set(name, { name })
    else {
      const color: Rgb = [Number(match[1]), Number(match[2]), Number(match[3])]
      if (color.some((each) => each > 255)) {
        throw formatSyntax(file, `${place}: ${color.join(' ')} is not a colour of 0…255`)
      }
      labels.set(name, { name, color })
    }
  }
  return [...labels.values()]
}

/** Returns the text of such a file; every label has a colour. */
export function formatLabelColors(labels: readonly Required<ColoredLabel>[]): string {
  return labels.map(({ name, color }) => `${color.join(' ')} ${name}\n`).join('')
}

/** Returns whether a line can hold the name of a label. */
export function isLabelColorsName(name: string): boolean {
  return name !== '' && name.trim() === name && !/[\r\n\p{Cs}]/u.test(name)
}
