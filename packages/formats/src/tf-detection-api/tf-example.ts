import { formatSyntax } from '@dsv/core'

/** The values of one feature of a `tf.Example`. Integers beyond 2^53 are strings of digits. */
export type TfFeature =
  | { readonly type: 'bytes'; readonly values: readonly Uint8Array[] }
  | { readonly type: 'float'; readonly values: readonly number[] }
  | { readonly type: 'int64'; readonly values: readonly (number | string)[] }

/** The features of a `tf.Example` by name, in the order of the source. */
export type TfExample = ReadonlyMap<string, TfFeature>

/**
 * Decodes a `tf.Example`; only features that `wanted` names, all by default. Bytes are views into
 * `data`.
 *
 * @see {@link https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/feature.proto}
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function decodeExample(
  data: Uint8Array,
  place: { readonly file: string; readonly record: number },
  wanted: (name: string) => boolean = () => true,
): TfExample {
  const features = new Map<string, TfFeature>()
  const fail = (problem: string): Error =>
    formatSyntax(place.file, `record ${place.record} ${problem}`)
  const message = (bytes: Uint8Array): Iterable<Field> => fieldsOf(bytes, fail)
  for (const example of message(data)) {
    if (example.number !== 1 || example.type !== LENGTH) continue
    for (const entry of message(example.bytes)) {
      if (entry.number !== 1 || entry.type !== LENGTH) continue
      let name = ''
      let value: Uint8Array = EMPTY
      for (const part of message(entry.bytes)) {
        if (part.type !== LENGTH) continue
        if (part.number === 1) name = textOf(part.bytes, fail)
        if (part.number === 2) value = part.bytes
      }
      const feature = wanted(name) ? decodeFeature(value, message, fail) : undefined
      if (feature !== undefined) features.set(name, feature)
    }
  }
  return features
}

/** Encodes a `tf.Example`: features in the order of the map, numbers packed. */
export function encodeExample(example: TfExample): Uint8Array {
  const entries = [...example].flatMap(([name, feature]) => {
    const entry = [
      ...lengthField(1, [Buffer.from(name)]),
      ...lengthField(2, encodeFeature(feature)),
    ]
    return lengthField(1, entry)
  })
  return Buffer.concat(lengthField(1, entries))
}

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5
const EMPTY = new Uint8Array(0)

/** One field of a message: of type `LENGTH` it has bytes, else they hold the number itself. */
interface Field {
  readonly number: number
  readonly type: number
  readonly bytes: Uint8Array
  readonly value: bigint
}

function* fieldsOf(bytes: Uint8Array, fail: (problem: string) => Error): Generator<Field> {
  for (let at = 0; at < bytes.length;) {
    const key = readVarint(bytes, at, fail)
    const type = Number(key.value & 7n)
    const number = Number(key.value >> 3n)
    at = key.end
    let end = at
    let value = 0n
    if (type === VARINT) ({ value, end } = readVarint(bytes, at, fail))
    else if (type === FIXED64) end = at + 8
    else if (type === FIXED32) end = at + 4
    else if (type === LENGTH) {
      const length = readVarint(bytes, at, fail)
      at = length.end
      end = at + Number(length.value)
    } else throw fail('is no tf.Example')
    if (end > bytes.length) throw fail('is no tf.Example: a field is longer than its message')
    yield { number, type, bytes: bytes.subarray(at, end), value }
    at = end
  }
}

function readVarint(
  bytes: Uint8Array,
  start: number,
  fail: (problem: string) => Error,
): { readonly value: bigint; readonly end: number } {
  let value = 0n
  let small = 0
  for (let at = start; at < start + 10; at++) {
    const byte = bytes[at]
    if (byte === undefined) throw fail('is no tf.Example: a number is cut off')
    const shift = (at - start) * 7
    // Most numbers are small; big ones are slow.
    if (shift < 28) small += (byte & 0x7f) * 2 ** shift
    else value |= BigInt(byte & 0x7f) << BigInt(shift)
    if (byte < 0x80) return { value: value | BigInt(small), end: at + 1 }
  }
  throw fail('is no tf.Example: a number is too long')
}

function textOf(bytes: Uint8Array, fail: (problem: string) => Error): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw fail('has the name of a feature that is not UTF-8')
  }
}

/** A feature without any list says nothing. */
function decodeFeature(
  bytes: Uint8Array,
  message: (bytes: Uint8Array) => Iterable<Field>,
  fail: (problem: string) => Error,
): TfFeature | undefined {
  let feature: TfFeature | undefined
  for (const { number, type, bytes: list } of message(bytes)) {
    if (type !== LENGTH) continue
    const fields = message(list)
    if (number === 1) feature = { type: 'bytes', values: [...fields].map((each) => each.bytes) }
    if (number === 2) feature = { type: 'float', values: [...fields].flatMap(floatsOf) }
    if (number === 3)
      feature = { type: 'int64', values: [...fields].flatMap((each) => integersOf(each, fail)) }
  }
  return feature
}

function floatsOf({ bytes }: Field): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const floats: number[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) floats.push(view.getFloat32(at, true))
  return floats
}

function integersOf(field: Field, fail: (problem: string) => Error): readonly (number | string)[] {
  if (field.type === VARINT) return [integerOf(field.value)]
  const integers: (number | string)[] = []
  for (let at = 0; at < field.bytes.length;) {
    const { value, end } = readVarint(field.bytes, at, fail)
    integers.push(integerOf(value))
    at = end
  }
  return integers
}

function integerOf(value: bigint): number | string {
  const signed = BigInt.asIntN(64, value)
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : String(signed)
}

function encodeFeature(feature: TfFeature): readonly Uint8Array[] {
  switch (feature.type) {
    case 'bytes':
      return lengthField(
        1,
        feature.values.flatMap((bytes) => lengthField(1, [bytes])),
      )
    case 'float': {
      const floats = Buffer.alloc(feature.values.length * 4)
      for (const [index, value] of feature.values.entries()) floats.writeFloatLE(value, index * 4)
      return lengthField(2, floats.length === 0 ? [] : lengthField(1, [floats]))
    }
    case 'int64': {
      const integers = feature.values.map((value) => varint(BigInt.asUintN(64, BigInt(value))))
      return lengthField(3, integers.length === 0 ? [] : lengthField(1, integers))
    }
  }
}

function lengthField(number: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return [Buffer.of(number * 8 + LENGTH), varint(BigInt(length)), ...parts]
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
