import type { OpenFile } from '@dsv/core'
import { formatSyntax } from '@dsv/core'
import { elementEnd, MAX_JSON_DEPTH, scalarEnd, skipSpace, TOO_DEEP } from './json-bytes.ts'
import { encodingProblem } from './text-reader.ts'

/** An element of a list, or a member of a map, at the top of a file: bytes `start` to `end` of `buffer`, valid for the call. */
export interface JsonElement {
  /** The key of its list or map; empty when that is the file itself. */
  readonly key: string
  /** The key it has in a map; empty in a list. */
  readonly name: string
  readonly index: number
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  /** Where `start` is in the file. */
  readonly offset: number
  /** Where in `buffer` the value of each watched member begins; -1 when it has none. */
  readonly watched: Int32Array
}

/** What is told about a file while it is scanned. */
export interface JsonVisitor {
  readonly element: (element: JsonElement) => void
  /** A list begins. */
  readonly list?: (key: string) => void
  /** A member of the top object that is no list, as text. */
  readonly member?: (key: string, text: string) => void
  /** Whether the object of that key is a map whose members are elements; the file itself is ''. */
  readonly isMap?: (key: string) => boolean
  /** Members of elements whose place is wanted, like `image_id`. */
  readonly watch?: readonly string[]
  /**
   * Elements of a list that need not be looked for because it is known where they are: how many begin
   * with the one at `offset`, and where in the file the last of them ends.
   */
  readonly known?: (
    key: string,
    index: number,
    offset: number,
  ) => { readonly count: number; readonly end: number } | undefined
  /** Bytes that are read at once; default 4 MiB. */
  readonly windowBytes?: number
}

const WINDOW_BYTES = 4 * 2 ** 20
const MAX_VALUE_BYTES = 256 * 2 ** 20

/** Bytes of a file of which a window is in memory. */
interface Cursor {
  readonly file: OpenFile
  readonly name: string
  readonly signal: AbortSignal
  readonly windowBytes: number
  buffer: Buffer
  position: number
  /** Where the buffer begins in the file. */
  base: number
}

/**
 * Walks a JSON file that may be far larger than memory: an object whose large members are lists, or
 * one list. Only the borders of elements are looked for; what is between them is for `JSON.parse`.
 * Holds a few mebibytes, or one element if that is larger.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the line, also for an element of more than 256 MiB
 */
export async function scanJson(
  file: OpenFile,
  name: string,
  visitor: JsonVisitor,
  signal: AbortSignal,
): Promise<void> {
  const windowBytes = visitor.windowBytes ?? WINDOW_BYTES
  const start = { buffer: Buffer.alloc(0), position: 0, base: 0 }
  const cursor: Cursor = { file, name, signal, windowBytes, ...start }
  await refill(cursor)
  const problem = encodingProblem(cursor.buffer)
  if (problem !== undefined) throw formatSyntax(name, problem)
  if (cursor.buffer.indexOf('\ufeff') === 0) cursor.position = 3
  const watch = (visitor.watch ?? []).map((key) => Buffer.from(`"${key}"`))
  const first = await nextByte(cursor)
  if (first === OPEN_LIST) await scanList(cursor, '', visitor, watch)
  else if (first === OPEN_OBJECT && visitor.isMap?.('') === true) {
    await scanMap(cursor, '', visitor, watch)
  } else if (first === OPEN_OBJECT) await scanMembers(cursor, visitor, watch)
  else throw await syntaxAt(cursor, 'should hold an object or a list')
  if ((await nextByte(cursor)) !== undefined) {
    throw await syntaxAt(cursor, 'should end here, but goes on')
  }
}

const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const COMMA = 0x2c
const COLON = 0x3a
const QUOTE = 0x22

async function scanMembers(
  cursor: Cursor,
  visitor: JsonVisitor,
  watch: readonly Buffer[],
): Promise<void> {
  await walkMembers(cursor, async (key) => {
    const first = await nextByte(cursor)
    if (first === OPEN_LIST) await scanList(cursor, key, visitor, watch)
    else if (first === OPEN_OBJECT && visitor.isMap?.(key) === true) {
      await scanMap(cursor, key, visitor, watch)
    } else visitor.member?.(key, await valueText(cursor))
  })
}

async function scanMap(
  cursor: Cursor,
  key: string,
  visitor: JsonVisitor,
  watch: readonly Buffer[],
): Promise<void> {
  const watched = new Int32Array(watch.length)
  let index = 0
  await walkMembers(cursor, async (name) => {
    await nextByte(cursor)
    watched.fill(-1)
    await requireValue(cursor, watch, watched)
    const { buffer, position: start, base } = cursor
    const end = valueEnd(buffer, start, watch, watched)
    visitor.element({ key, name, index, buffer, start, end, offset: base + start, watched })
    index += 1
    cursor.position = end
  })
}

/** Stands before the value of each member in turn; `visit` goes behind it. */
async function walkMembers(cursor: Cursor, visit: (key: string) => Promise<void>): Promise<void> {
  cursor.position += 1
  if ((await nextByte(cursor)) === CLOSE_OBJECT) {
    cursor.position += 1
    return
  }
  for (;;) {
    if ((await nextByte(cursor)) !== QUOTE) throw await syntaxAt(cursor, 'should have a key here')
    const key = await keyHere(cursor)
    if ((await nextByte(cursor)) !== COLON) throw await syntaxAt(cursor, 'should have a `:` here')
    cursor.position += 1
    await visit(key)
    const after = await nextByte(cursor)
    if (after !== COMMA && after !== CLOSE_OBJECT) {
      throw await syntaxAt(cursor, 'should have a `,` or `}` here')
    }
    cursor.position += 1
    if (after === CLOSE_OBJECT) return
  }
}

async function scanList(
  cursor: Cursor,
  key: string,
  visitor: JsonVisitor,
  watch: readonly Buffer[],
): Promise<void> {
  visitor.list?.(key)
  cursor.position += 1
  const watched = new Int32Array(watch.length)
  let index = 0
  if ((await nextByte(cursor)) !== CLOSE_LIST) {
    for (;;) {
      const visited = visitBuffered(cursor, key, index, visitor, watch, watched)
      const after = await nextByte(cursor)
      if (visited === index) {
        await requireValue(cursor, watch, watched)
        continue
      }
      index = visited
      if (after === CLOSE_LIST) break
      if (after !== COMMA) throw await syntaxAt(cursor, 'should have a `,` or `]` here')
      cursor.position += 1
      await nextByte(cursor)
    }
  }
  cursor.position += 1
}

/** Visits elements for as long as whole ones are in the buffer; stands on what follows the last. */
function visitBuffered(
  cursor: Cursor,
  key: string,
  first: number,
  visitor: JsonVisitor,
  watch: readonly Buffer[],
  watched: Int32Array,
): number {
  const { buffer, base } = cursor
  let index = first
  let start = cursor.position
  for (;;) {
    const known = visitor.known?.(key, index, base + start)
    if (known !== undefined && known.end > base + buffer.length) {
      moveTo(cursor, known.end)
      return index + known.count
    }
    watched.fill(-1)
    const end = known === undefined ? valueEnd(buffer, start, watch, watched) : known.end - base
    if (end < 0 || end === start) break
    if (known === undefined)
      visitor.element({ key, name: '', index, buffer, start, end, offset: base + start, watched })
    index += known?.count ?? 1
    cursor.position = end
    const comma = skipSpace(buffer, end)
    if (buffer[comma] !== COMMA) break
    start = skipSpace(buffer, comma + 1)
    // An element that is not whole yet is read again, with its comma as what was seen last.
    cursor.position = comma
  }
  return index
}

/** Reads on until a whole value stands at the cursor. */
async function requireValue(
  cursor: Cursor,
  watch: readonly Buffer[],
  watched: Int32Array,
): Promise<void> {
  for (;;) {
    const end = valueEnd(cursor.buffer, cursor.position, watch, watched)
    if (end === cursor.position) throw await syntaxAt(cursor, 'should have a value here')
    if (end === TOO_DEEP) throw await syntaxAt(cursor, `is nested deeper than ${MAX_JSON_DEPTH}`)
    if (end !== -1) return
    if (!(await refill(cursor))) throw await syntaxAt(cursor, 'ends in the middle of this value')
  }
}

function valueEnd(
  buffer: Buffer,
  start: number,
  watch: readonly Buffer[],
  watched: Int32Array,
): number {
  const byte = buffer[start]
  if (byte === OPEN_OBJECT || byte === OPEN_LIST) return elementEnd(buffer, start, watch, watched)
  return scalarEnd(buffer, start)
}

async function valueText(cursor: Cursor): Promise<string> {
  const none = new Int32Array(0)
  await requireValue(cursor, [], none)
  const end = valueEnd(cursor.buffer, cursor.position, [], none)
  const text = cursor.buffer.toString('utf8', cursor.position, end)
  cursor.position = end
  return text
}

async function keyHere(cursor: Cursor): Promise<string> {
  const start = cursor.base + cursor.position
  const text = await valueText(cursor)
  try {
    const key: string = JSON.parse(text)
    return key
  } catch (error) {
    throw await syntaxAtOffset(cursor, start, 'has a malformed key here', error)
  }
}

/** Skips white space; returns the byte that follows, or undefined at the end of the file. */
async function nextByte(cursor: Cursor): Promise<number | undefined> {
  for (;;) {
    cursor.position = skipSpace(cursor.buffer, cursor.position)
    if (cursor.position < cursor.buffer.length) return cursor.buffer[cursor.position]
    if (!(await refill(cursor))) return undefined
  }
}

/** Goes to a place behind the buffer. */
function moveTo(cursor: Cursor, offset: number): void {
  cursor.buffer = Buffer.alloc(0)
  cursor.position = 0
  cursor.base = offset
}

/** Drops what lies before the cursor and reads on; returns false at the end of the file. */
async function refill(cursor: Cursor): Promise<boolean> {
  cursor.signal.throwIfAborted()
  const kept = cursor.buffer.subarray(cursor.position)
  if (kept.length > MAX_VALUE_BYTES) throw await syntaxAt(cursor, 'holds a value that is too large')
  const offset = cursor.base + cursor.buffer.length
  const bytes = await cursor.file.read(offset, Math.max(cursor.windowBytes, kept.length))
  if (bytes.length === 0) return false
  cursor.base += cursor.position
  cursor.position = 0
  cursor.buffer =
    kept.length === 0
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : Buffer.concat([kept, bytes])
  return true
}

async function syntaxAt(cursor: Cursor, problem: string): Promise<Error> {
  return syntaxAtOffset(cursor, cursor.base + cursor.position, problem)
}

async function syntaxAtOffset(
  { file, name }: Cursor,
  offset: number,
  problem: string,
  cause?: unknown,
): Promise<Error> {
  return formatSyntax(name, `${problem} (${await lineAt(file, offset)})`, cause)
}

/** Returns `line 3, byte 117` for an offset in a file; reads the file up to there. */
export async function lineAt(file: OpenFile, offset: number): Promise<string> {
  let line = 1
  for (let start = 0; start < offset; start += WINDOW_BYTES) {
    const bytes = await file.read(start, Math.min(WINDOW_BYTES, offset - start))
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) line += 1
    if (bytes.length === 0) break
  }
  return `line ${line}, byte ${offset}`
}
