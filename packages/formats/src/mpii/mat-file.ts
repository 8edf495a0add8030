import { formatSyntax } from '@dsv/core'
import { inflateSync } from 'node:zlib'

/** An array of a MATLAB file. What it holds is decoded when it is asked for. */
export interface MatArray {
  /** Number of elements. */
  readonly length: number
  /** The numbers of a numeric array; undefined for others. */
  readonly numbers: () => readonly number[] | undefined
  /** The text of an array of characters; undefined for others. */
  readonly text: () => string | undefined
  /** A field of an element of an array of structures, or of cells that hold one each. */
  readonly field: (index: number, name: string) => MatArray | undefined
}

const HEADER_BYTES = 128
const MAX_INFLATED_BYTES = 2 ** 30
const MATRIX = 14
const COMPRESSED = 15
const CELLS = 1
const STRUCTURE = 2
const CHARACTERS = 4
/** Doubles to 64-bit integers. */
const isNumeric = (kind: number): boolean => kind >= 6 && kind <= 15

/**
 * Returns the variables of a MATLAB file of level 5 (little-endian), by name. Bytes are looked at only
 * where something is asked for.
 *
 * @see {@link https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf}
 * @throws `DSV_FORMAT_SYNTAX`, also from what is returned
 */
export function readMatFile(bytes: Uint8Array, file: string): ReadonlyMap<string, MatArray> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (buffer.length < HEADER_BYTES || buffer.toString('latin1', 126, 128) !== 'IM') {
    throw formatSyntax(file, 'is no little-endian MATLAB file of level 5')
  }
  const variables = new Map<string, MatArray>()
  for (let at = HEADER_BYTES; at < buffer.length;) {
    const element = elementAt(buffer, at, file)
    at = element.kind === COMPRESSED ? element.end : element.next
    const inner = element.kind === COMPRESSED ? inflate(element, file) : element
    if (inner.kind !== MATRIX) continue
    const { name, array } = matrixOf(inner, file)
    variables.set(name, array)
  }
  return variables
}

/** One piece of data: bytes `start` to `end`; the next one begins at `next`. */
interface Element {
  readonly buffer: Buffer
  readonly kind: number
  readonly start: number
  readonly end: number
  readonly next: number
}

function elementAt(buffer: Buffer, at: number, file: string, limit = buffer.length): Element {
  if (at + 8 > limit) throw formatSyntax(file, `ends within an element at byte ${at}`)
  const first = buffer.readUInt32LE(at)
  const smallBytes = first >>> 16
  if (smallBytes > 0) {
    if (smallBytes > 4) throw formatSyntax(file, `has a wrong element at byte ${at}`)
    const start = at + 4
    return { buffer, kind: first & 0xffff, start, end: start + smallBytes, next: at + 8 }
  }
  const start = at + 8
  const end = start + buffer.readUInt32LE(at + 4)
  if (end > limit) throw formatSyntax(file, `ends within the element at byte ${at}`)
  return { buffer, kind: first, start, end, next: Math.min(limit, start + padded(end - start)) }
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}

function inflate({ buffer, start, end }: Element, file: string): Element {
  try {
    const bytes = inflateSync(buffer.subarray(start, end), { maxOutputLength: MAX_INFLATED_BYTES })
    return elementAt(bytes, 0, file)
  } catch (error) {
    if (error instanceof Error && 'details' in error) throw error
    throw formatSyntax(file, `has damaged data at byte ${start}`, error)
  }
}

function matrixOf(
  { buffer, start, end }: Element,
  file: string,
): { readonly name: string; readonly array: MatArray } {
  // An empty element is an empty array.
  if (start === end) return { name: '', array: arrayOf(0, {}) }
  const flags = elementAt(buffer, start, file, end)
  const dimensions = elementAt(buffer, flags.next, file, end)
  const label = elementAt(buffer, dimensions.next, file, end)
  const kind = flags.end - flags.start < 4 ? 0 : buffer[flags.start]
  const length = numbersOf(dimensions, file).reduce((product, size) => product * size, 1)
  if (!Number.isSafeInteger(length) || length < 0) throw formatSyntax(file, 'has a wrong size')
  const name = buffer.toString('latin1', label.start, label.end)
  const rest = { buffer, start: label.next, end }
  if (kind === STRUCTURE) return { name, array: structures(rest, length, file) }
  if (kind === CELLS) return { name, array: cells(rest, length, file) }
  if (kind === CHARACTERS || (kind !== undefined && isNumeric(kind))) {
    const data = length === 0 ? undefined : elementAt(buffer, label.next, file, end)
    const numbers = (): readonly number[] => (data === undefined ? [] : numbersOf(data, file))
    const text = (): string => (data === undefined ? '' : textOf(data, numbers))
    return { name, array: arrayOf(length, kind === CHARACTERS ? { text } : { numbers }) }
  }
  return { name, array: arrayOf(length, {}) }
}

function arrayOf(length: number, own: Partial<MatArray>): MatArray {
  const nothing = (): undefined => undefined
  return { length, numbers: nothing, text: nothing, field: nothing, ...own }
}

/** Bytes, UTF-8, or numbers of characters. */
function textOf({ buffer, kind, start, end }: Element, numbers: () => readonly number[]): string {
  if (kind === 1 || kind === 2 || kind === 16) return buffer.toString('utf8', start, end)
  return numbers()
    .map((code) => String.fromCharCode(code))
    .join('')
}

const READERS: ReadonlyMap<
  number,
  readonly [size: number, read: (b: Buffer, at: number) => number]
> = new Map([
  [1, [1, (buffer, at) => buffer.readInt8(at)]],
  [2, [1, (buffer, at) => buffer.readUInt8(at)]],
  [3, [2, (buffer, at) => buffer.readInt16LE(at)]],
  [4, [2, (buffer, at) => buffer.readUInt16LE(at)]],
  [5, [4, (buffer, at) => buffer.readInt32LE(at)]],
  [6, [4, (buffer, at) => buffer.readUInt32LE(at)]],
  [7, [4, (buffer, at) => buffer.readFloatLE(at)]],
  [9, [8, (buffer, at) => buffer.readDoubleLE(at)]],
  [12, [8, (buffer, at) => Number(buffer.readBigInt64LE(at))]],
  [13, [8, (buffer, at) => Number(buffer.readBigUInt64LE(at))]],
  [16, [1, (buffer, at) => buffer.readUInt8(at)]],
  [17, [2, (buffer, at) => buffer.readUInt16LE(at)]],
])

function numbersOf({ buffer, kind, start, end }: Element, file: string): readonly number[] {
  const [size, read] = READERS.get(kind) ?? []
  if (size === undefined || read === undefined) {
    throw formatSyntax(file, `has data of unknown type ${kind} at byte ${start}`)
  }
  return Array.from({ length: Math.floor((end - start) / size) }, (_, index) =>
    read(buffer, start + index * size),
  )
}

function cells(inner: Inner, length: number, file: string): MatArray {
  const at = places(inner, length, file)
  return arrayOf(length, { field: (index, name) => at(index)?.field(0, name) })
}

function structures({ buffer, start, end }: Inner, length: number, file: string): MatArray {
  const lengths = elementAt(buffer, start, file, end)
  const nameBytes = numbersOf(lengths, file)[0] ?? 0
  const list = elementAt(buffer, lengths.next, file, end)
  if (nameBytes <= 0) throw formatSyntax(file, 'has a structure without names')
  const names: string[] = []
  for (let at = list.start; at + nameBytes <= list.end; at += nameBytes) {
    names.push(buffer.toString('latin1', at, at + nameBytes).replace(/\0.*$/su, ''))
  }
  const at = places({ buffer, start: list.next, end }, length * names.length, file)
  return arrayOf(length, {
    field: (index, name) => {
      const column = names.indexOf(name)
      const isThere = column >= 0 && index >= 0 && index < length
      return isThere ? at(index * names.length + column) : undefined
    },
  })
}

/** What of an array follows its name. */
type Inner = Pick<Element, 'buffer' | 'start' | 'end'>

/** Finds the arrays that stand one after the other; how long each is says where the next one begins. */
function places(
  { buffer, start, end }: Inner,
  count: number,
  file: string,
): (index: number) => MatArray | undefined {
  // Each takes eight bytes at least.
  if (count * 8 > end - start) throw formatSyntax(file, 'has fewer values than it says')
  const starts: number[] = [start]
  return (wanted) => {
    if (wanted < 0 || wanted >= count) return undefined
    for (let at = starts.length - 1; at < wanted; at += 1) {
      starts.push(elementAt(buffer, starts[at] ?? 0, file, end).next)
    }
    const element = elementAt(buffer, starts[wanted] ?? 0, file, end)
    return element.kind === MATRIX ? matrixOf(element, file).array : undefined
  }
}
