import { formatSyntax, type OpenFile } from '@dsv/core'
import { CsvError, parse } from 'csv-parse/sync'
import { decodeText } from './text-reader.ts'

/** Some rows of a CSV file, in order. */
export interface CsvBlock {
  readonly rows: readonly (readonly string[])[]
  /** Where each row begins in the file, and where the last one ends. */
  readonly offsets: readonly number[]
  /** The number of the first row, from 1; empty lines do not count. */
  readonly firstRow: number
}

const BLOCK_BYTES = 2 ** 20
/** A quote that is never closed would make the rest of the file one row. */
const MAX_ROW_BYTES = 16 * 2 ** 20
const QUOTE = 0x22
const NEWLINE = 0x0a
const RETURN = 0x0d

/**
 * Reads a CSV file (RFC 4180, in UTF-8) in blocks of whole rows. Rows may have different numbers of
 * fields; empty lines are left out.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the row
 */
export async function* csvBlocks(
  file: OpenFile,
  path: string,
  delimiter = ',',
): AsyncGenerator<CsvBlock> {
  let pending = Buffer.alloc(0)
  let start = await skipMark(file)
  let firstRow = 1
  for (let end = start; end < file.sizeBytes;) {
    const read = await file.read(end, BLOCK_BYTES)
    if (read.length === 0) break
    end += read.length
    const bytes = Buffer.concat([pending, read])
    const ends = rowEnds(bytes, end >= file.sizeBytes)
    const length = ends.at(-1) ?? 0
    if (bytes.length - length > MAX_ROW_BYTES) {
      throw formatSyntax(path, `row ${firstRow + ends.length} has no end within 16 MiB`)
    }
    if (length > 0) {
      const block = blockOf(bytes.subarray(0, length), ends, { path, delimiter, start, firstRow })
      if (block.rows.length > 0) yield block
      firstRow += block.rows.length
    }
    pending = bytes.subarray(length)
    start += length
  }
}

/** Returns the rows of a piece of a CSV file that begins and ends with whole rows. */
export function parseCsv(
  bytes: Uint8Array,
  path: string,
  delimiter = ',',
  firstRow = 1,
): readonly (readonly string[])[] {
  const text = decodeText(bytes, path)
  if (!text.includes('"')) {
    return text
      .split('\n')
      .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
      .filter((line) => line !== '')
      .map((line) => line.split(delimiter))
  }
  try {
    return parse(text, { delimiter, relax_column_count: true, skip_empty_lines: true })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const row =
      typeof error['records'] === 'number' ? ` near row ${firstRow + error['records']}` : ''
    throw formatSyntax(path, `is no valid CSV${row} (${error.code})`, error)
  }
}

/** A byte-order mark is no part of the first name. */
async function skipMark(file: OpenFile): Promise<number> {
  const [a, b, c] = await file.read(0, 3)
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0
}

/** Returns where rows end: after newlines that are not within quotes. */
function rowEnds(bytes: Buffer, isLast: boolean): readonly number[] {
  const ends: number[] = []
  let isQuoted = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) isQuoted = !isQuoted
    else if (byte === NEWLINE && !isQuoted) ends.push(at + 1)
  }
  if (isLast && (ends.at(-1) ?? 0) < bytes.length) ends.push(bytes.length)
  return ends
}

function blockOf(
  bytes: Buffer,
  ends: readonly number[],
  file: {
    readonly path: string
    readonly delimiter: string
    readonly start: number
    readonly firstRow: number
  },
): CsvBlock {
  const rows = parseCsv(bytes, file.path, file.delimiter, file.firstRow)
  const offsets: number[] = []
  let from = 0
  for (const end of ends) {
    if (!isEmptyLine(bytes, from, end)) offsets.push(file.start + from)
    from = end
  }
  if (offsets.length !== rows.length) {
    throw formatSyntax(file.path, `has a quote out of place near row ${file.firstRow}`)
  }
  offsets.push(file.start + from)
  return { rows, offsets, firstRow: file.firstRow }
}

function isEmptyLine(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== NEWLINE && bytes[at] !== RETURN) return false
  }
  return true
}
