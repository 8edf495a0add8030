import { formatSyntax, type OpenFile } from '@dsv/core'
import { decodeText, encodingProblem } from './text-reader.ts'

const BLOCK_BYTES = 2 ** 20
/** No line of annotations is longer; a file without any newline is none of lines. */
const MAX_LINE_BYTES = 16 * 2 ** 20
const NEWLINE = 0x0a

/**
 * Yields the lines of a text file in UTF-8 without their ends, a piece of the file at a time. An empty
 * line at the end is none.
 *
 * @yields lines
 * @throws `DSV_FORMAT_SYNTAX` when it is not UTF-8, or a line has no end
 */
export async function* readLines(file: OpenFile, path: string): AsyncGenerator<string> {
  let pending = Buffer.alloc(0)
  for (let at = 0; at < file.sizeBytes;) {
    const read = await file.read(at, BLOCK_BYTES)
    if (read.length === 0) break
    const problem = at === 0 ? encodingProblem(read.subarray(0, 2)) : undefined
    if (problem !== undefined) throw formatSyntax(path, problem)
    at += read.length
    const bytes = Buffer.concat([pending, read])
    const end = bytes.lastIndexOf(NEWLINE) + 1
    if (end > 0) yield* linesOf(bytes.subarray(0, end - 1), path)
    pending = bytes.subarray(end)
    if (pending.length > MAX_LINE_BYTES) throw formatSyntax(path, 'has a line that is too long')
  }
  if (pending.length > 0) yield* linesOf(pending, path)
}

/** A whole number of lines; `\r` before the newlines is left out. */
function linesOf(bytes: Uint8Array, path: string): readonly string[] {
  return decodeText(bytes, path)
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}
