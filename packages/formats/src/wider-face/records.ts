import { formatSyntax, type OpenFile } from '@dsv/core'
import { readLines } from '../shared/line-reader.ts'

/** What a list says of one image. */
export interface WiderFaceRecord {
  /** The path of the image below `WIDER_<subset>/images/`. */
  readonly image: string
  /** Where it stands in the file, from 1. */
  readonly line: number
  readonly rows: readonly string[]
  /** Why the rows are not all there. */
  readonly problem?: string
}

const EMPTY_ROW = /^(?:0\s+){3}0(?:\s+0)*$/u

/**
 * Yields the images of a list. An image may be without count, as in lists of files; a count of 0 is
 * followed by a row of zeros in the original.
 *
 * @yields records in the order of the file
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function* readRecords(file: OpenFile, path: string): AsyncGenerator<WiderFaceRecord> {
  let number = 0
  let open: OpenRecord | undefined
  for await (const text of readLines(file, path)) {
    number++
    const line = text.trim()
    if (open !== undefined && takes(open, line)) continue
    if (open !== undefined) yield closed(open)
    open = undefined
    if (line === '') continue
    if (!/\.\w+$/u.test(line))
      throw formatSyntax(path, `line ${number} should name an image: ${line}`)
    open = { image: line.replaceAll('\\', '/'), line: number, count: undefined, rows: [] }
  }
  if (open !== undefined) yield closed(open)
}

interface OpenRecord {
  readonly image: string
  readonly line: number
  count: number | undefined
  readonly rows: string[]
}

/** Whether a line belongs to the record of the lines before. */
function takes(open: OpenRecord, line: string): boolean {
  if (open.count === undefined) {
    if (!/^\d{1,9}$/u.test(line)) return false
    open.count = Number(line)
    return true
  }
  if (open.count === 0) return EMPTY_ROW.test(line) && open.rows.length === 0
  if (open.rows.length >= open.count || !/^[-+.\d]+\s+[-+.\d]/u.test(line)) return false
  open.rows.push(line)
  return true
}

function closed({ image, line, count = 0, rows }: OpenRecord): WiderFaceRecord {
  const problem = `should have ${count} rows, but has ${rows.length}`
  return { image, line, rows, ...(rows.length < count && { problem }) }
}
