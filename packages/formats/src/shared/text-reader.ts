import { formatSyntax } from '@dsv/core'
import { constants } from 'node:buffer'

/** The lines of a text file and how they end, so that it can be written alike. */
export interface TextLines {
  readonly lines: readonly string[]
  readonly newline: '\n' | '\r\n'
  /** Whether the last line ends with a newline too. */
  readonly endsWithNewline: boolean
}

/**
 * Returns the text of a UTF-8 file without its byte-order mark.
 *
 * @throws `DSV_FORMAT_SYNTAX` when it is UTF-16, or not UTF-8
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const problem = encodingProblem(bytes)
  if (problem !== undefined) throw formatSyntax(file, problem)
  if (bytes.length > constants.MAX_STRING_LENGTH) throw formatSyntax(file, 'too large for text')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw formatSyntax(file, 'should be UTF-8', error)
  }
}

/** Returns why text in these first bytes is not UTF-8, or undefined. */
export function encodingProblem(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes
  const isUtf16 = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)
  const looksUtf16 = bytes.length >= 2 && (a === 0) !== (b === 0)
  return isUtf16 || looksUtf16 ? 'should be UTF-8, but is UTF-16' : undefined
}

/** Splits text into lines; `\r\n` is told apart by the first line. */
export function splitLines(text: string): TextLines {
  const first = text.indexOf('\n')
  const newline = first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n'
  const endsWithNewline = text.endsWith('\n')
  const lines = text.split(/\r?\n/)
  if (endsWithNewline || text === '') lines.pop()
  return { lines, newline, endsWithNewline }
}

/** Joins lines as {@link splitLines} found them. */
export function joinLines({ lines, newline, endsWithNewline }: TextLines): string {
  return lines.join(newline) + (endsWithNewline && lines.length > 0 ? newline : '')
}
