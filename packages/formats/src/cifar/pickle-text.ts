/** Parts that are always the same. */
type PickledPart =
  | 'start'
  | 'stop'
  | 'none'
  | 'dictionary'
  | 'endOfDictionary'
  | 'list'
  | 'endOfList'

/**
 * Writes the parts of a pickle of protocol 3, which every Python 3 reads. ASCII texts are written as
 * those of Python 2, as in the original files: `encoding="bytes"` and `encoding="latin1"` give what they
 * give there.
 *
 * @see https://github.com/python/cpython/blob/main/Lib/pickletools.py
 */
export const pickled: Readonly<Record<PickledPart, Uint8Array>> = {
  start: Buffer.from([0x80, 0x03]),
  stop: Buffer.from('.'),
  none: Buffer.from('N'),
  dictionary: Buffer.from('}('),
  endOfDictionary: Buffer.from('u'),
  list: Buffer.from(']('),
  endOfList: Buffer.from('e'),
}

const MAX_SHORT = 255

/** Returns a text. */
export function pickledText(text: string): Uint8Array {
  const bytes = Buffer.from(text)
  if (bytes.length === text.length && text.length <= MAX_SHORT && !/[^\0-\x7f]/u.test(text)) {
    return Buffer.concat([Buffer.from(['U'.charCodeAt(0), bytes.length]), bytes])
  }
  return Buffer.concat([withLength('X', bytes.length), bytes])
}

/** Returns a whole number from 0. */
export function pickledNumber(value: number): Uint8Array {
  const bytes = Buffer.alloc(5, 'J')
  bytes.writeInt32LE(value, 1)
  return bytes
}

/** Returns a list of parts. */
export function pickledList(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([pickled.list, ...parts, pickled.endOfList])
}

/** Returns a tuple of two or three parts. */
export function pickledTuple(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from('('), ...parts, Buffer.from('t')])
}

/**
 * Returns what comes before and after the elements of an array of numpy. Bytes (`u1`) follow `before` as
 * they are, objects (`O8`) as a list.
 */
export function pickledArray(
  shape: readonly number[],
  code: 'u1' | 'O8',
): { readonly before: Uint8Array; readonly after: Uint8Array } {
  const isBytes = code === 'u1'
  const sizeBytes = shape.reduce((product, side) => product * side, 1)
  const dtype = Buffer.concat([
    Buffer.from('cnumpy\ndtype\n'),
    pickledTuple([pickledText(code), Buffer.from([0x89]), Buffer.from([0x88])]),
    Buffer.from('R'),
    pickledTuple([
      pickledNumber(3),
      pickledText('|'),
      pickled.none,
      pickled.none,
      pickled.none,
      pickledNumber(-1),
      pickledNumber(-1),
      pickledNumber(isBytes ? 0 : 63),
    ]),
    Buffer.from('b'),
  ])
  const before = Buffer.concat([
    Buffer.from('cnumpy.core.multiarray\n_reconstruct\n'),
    pickledTuple([
      Buffer.from('cnumpy\nndarray\n'),
      pickledTuple([pickledNumber(0)]),
      Buffer.from('C\x01b', 'latin1'),
    ]),
    Buffer.from('R('),
    pickledNumber(1),
    pickledTuple(shape.map(pickledNumber)),
    dtype,
    Buffer.from([0x89]),
    isBytes ? withLength('B', sizeBytes) : pickled.list,
  ])
  return { before, after: Buffer.from(isBytes ? 'tb' : 'etb') }
}

/** An opcode and a length; more than 32 bits have an opcode of their own (of protocol 4). */
function withLength(opcode: 'B' | 'X', length: number): Uint8Array {
  const isLong = length > 0xffff_ffff
  const bytes = Buffer.alloc(isLong ? 9 : 5)
  bytes[0] = isLong ? (opcode === 'B' ? 0x8e : 0x8d) : opcode.charCodeAt(0)
  if (isLong) bytes.writeBigUInt64LE(BigInt(length), 1)
  else bytes.writeUInt32LE(length, 1)
  return bytes
}
