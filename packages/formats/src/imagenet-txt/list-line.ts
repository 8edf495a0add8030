import { extensionOf } from '../media/media-kind.ts'

/** One image of a list. */
export interface ListLine {
  readonly path: string
  /** Numbers of classes, as they stand there. */
  readonly labels: readonly number[]
}

const QUOTED = /^\s*"([^"]*)"(\S*)((?:\s+-?\d+)*)\s*$/u
const PLAIN = /^\s*(\S.*?)((?:\s+-?\d+)*)\s*$/u

/**
 * Parses `path 3 5`. A path with spaces may be in quotes, its extension behind them, as Datumaro has it:
 * `"a b".jpg 3`. Returns undefined for an empty line.
 */
export function parseListLine(line: string): ListLine | undefined {
  const quoted = QUOTED.exec(line)
  if (quoted !== null) return lineOf(`${quoted[1] ?? ''}${quoted[2] ?? ''}`, quoted[3])
  const plain = PLAIN.exec(line)
  return plain === null ? undefined : lineOf(plain[1] ?? '', plain[2])
}

/** Returns the line of an image with its newline. */
export function formatListLine({ path, labels }: ListLine): string {
  const extension = extensionOf(path)
  const end = extension === '' ? path.length : path.length - extension.length - 1
  const shown =
    /\s/u.test(path) && !path.includes('"') ? `"${path.slice(0, end)}"${path.slice(end)}` : path
  return `${[shown, ...labels].join(' ')}\n`
}

function lineOf(path: string, numbers = ''): ListLine {
  const labels = numbers.split(/\s+/u).filter((text) => text !== '')
  return { path, labels: labels.map(Number) }
}
