import type { PickleReading } from './pickle-bytes.ts'

/** What a pickle may hold here. Texts of Python 2 are bytes; lists and tuples are both lists. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Map<string, PickleValue>
  | NumpyDtype
  | NumpyArray
  | PickleName

/** The type of the elements of an array: `u1`, `O8`, `i8`. */
export interface NumpyDtype {
  readonly type: 'dtype'
  readonly code: string
  isBigEndian: boolean
}

/** An array of numpy. */
export interface NumpyArray {
  readonly type: 'array'
  shape: readonly number[]
  code: string
  isBigEndian: boolean
  isFortran: boolean
  /** The elements as bytes, or one by one where they are objects. */
  data: Uint8Array | readonly PickleValue[]
}

/** One of the few names that a pickle may call. */
export interface PickleName {
  readonly type: 'name'
  readonly name: PickleCallable
}

/** What may be called, by the last part of its name. */
export type PickleCallable =
  | '_reconstruct'
  | '_frombuffer'
  | 'scalar'
  | 'ndarray'
  | 'dtype'
  | 'encode'
  | 'OrderedDict'
  | 'bytes'

/** Names that make arrays, texts and dictionaries, in the modules of old and new versions of numpy. */
const CALLABLES: ReadonlyMap<string, PickleCallable> = new Map([
  ['numpy.core.multiarray._reconstruct', '_reconstruct'],
  ['numpy._core.multiarray._reconstruct', '_reconstruct'],
  ['numpy.core.multiarray.scalar', 'scalar'],
  ['numpy._core.multiarray.scalar', 'scalar'],
  ['numpy.core.numeric._frombuffer', '_frombuffer'],
  ['numpy._core.numeric._frombuffer', '_frombuffer'],
  ['numpy.ndarray', 'ndarray'],
  ['numpy.dtype', 'dtype'],
  ['_codecs.encode', 'encode'],
  ['collections.OrderedDict', 'OrderedDict'],
  ['builtins.bytes', 'bytes'],
  ['__builtin__.bytes', 'bytes'],
])

/** Returns what a pickle may call. @throws `DSV_FORMAT_SYNTAX` for any other name */
export function pickleName(name: string, reading: PickleReading): PickleName {
  const callable = CALLABLES.get(name)
  if (callable === undefined) {
    throw reading.problem(`names ${name.slice(0, 80)}; only arrays, lists and texts are read`)
  }
  return { type: 'name', name: callable }
}

/** Returns what a call of one of the names gives. @throws `DSV_FORMAT_SYNTAX` */
export function callPickleName(
  callee: PickleValue,
  args: PickleValue,
  reading: PickleReading,
): PickleValue {
  if (!isKind(callee, 'name') || !Array.isArray(args)) {
    throw reading.problem('calls something that is no function')
  }
  const [first = null, second = null, third = null] = args
  switch (callee.name) {
    case '_reconstruct':
    case 'ndarray':
      return {
        type: 'array',
        shape: [0],
        code: 'u1',
        isBigEndian: false,
        isFortran: false,
        data: [],
      }
    case 'dtype':
      return { type: 'dtype', code: textOf(first) ?? '', isBigEndian: false }
    case 'OrderedDict':
      return new Map()
    case 'encode':
      return Buffer.from(textOf(first) ?? '', 'latin1')
    case 'bytes':
      return new Uint8Array()
    case 'scalar':
      if (!isKind(first, 'dtype') || !(second instanceof Uint8Array)) break
      return elementAt({ ...first, data: second }, 0) ?? null
    case '_frombuffer':
      if (!(first instanceof Uint8Array) || !isKind(second, 'dtype') || !Array.isArray(third)) break
      return arrayOf(first, second, third, textOf(args[3] ?? null) === 'F', reading)
  }
  throw reading.problem(`calls ${callee.name} with what it does not take`)
}

/** Gives an array or a type its state. @throws `DSV_FORMAT_SYNTAX` */
export function buildPickleValue(
  target: PickleValue,
  state: PickleValue,
  reading: PickleReading,
): void {
  if (isKind(target, 'dtype') && Array.isArray(state)) {
    target.isBigEndian = textOf(state[1] ?? null) === '>'
    return
  }
  if (isKind(target, 'array') && Array.isArray(state)) {
    const [, shape = null, dtype = null, isFortran = null, data = null] = state
    if (isKind(dtype, 'dtype') && Array.isArray(shape)) {
      Object.assign(target, arrayOf(data, dtype, shape, Boolean(isFortran), reading))
      return
    }
  }
  throw reading.problem('gives a state to something that takes none')
}

function arrayOf(
  data: PickleValue,
  { code, isBigEndian }: NumpyDtype,
  shape: readonly PickleValue[],
  isFortran: boolean,
  reading: PickleReading,
): NumpyArray {
  const sides = shape.map((side) => (typeof side === 'number' ? side : -1))
  const count = sides.reduce((product, side) => product * side, 1)
  if (sides.some((side) => side < 0) || !Number.isSafeInteger(count)) {
    throw reading.problem(`has an array of ${sides.join('×')} elements`)
  }
  const found =
    data instanceof Uint8Array
      ? data.length / bytesOf(code)
      : Array.isArray(data)
        ? data.length
        : Number.NaN
  if (found !== count) {
    throw reading.problem(`has an array of ${sides.join('×')} elements that holds ${found}`)
  }
  const held = data instanceof Uint8Array || Array.isArray(data) ? data : []
  return { type: 'array', shape: sides, code, isBigEndian, isFortran, data: held }
}

/** Returns the text of a value, be it of Python 2 or 3; undefined when it is none. */
export function textOf(value: PickleValue): string | undefined {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined
}

/** Returns the values of a list or of an array of one dimension; undefined when it is neither. */
export function listOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  if (value === undefined || value === null || typeof value !== 'object') return undefined
  if (Array.isArray(value)) return value
  if (!isKind(value, 'array') || value.shape.length !== 1) return undefined
  return Array.from({ length: value.shape[0] ?? 0 }, (_, at) => elementAt(value, at) ?? null)
}

/** Returns an element of an array, by its place in the data; undefined for types that are not read. */
export function elementAt(
  { code, isBigEndian, data }: Pick<NumpyArray, 'code' | 'isBigEndian' | 'data'>,
  at: number,
): PickleValue | undefined {
  if (!(data instanceof Uint8Array)) return data[at]
  const size = bytesOf(code)
  const bytes = Buffer.from(data.subarray(at * size, at * size + size))
  if (bytes.length < size || size > 8 || size === 0) return undefined
  const isSwapped = isBigEndian && size > 1
  if (isSwapped) bytes.reverse()
  if (code === 'f4') return bytes.readFloatLE()
  if (code === 'f8') return bytes.readDoubleLE()
  if (size === 8) return Number(code === 'u8' ? bytes.readBigUInt64LE() : bytes.readBigInt64LE())
  if (/^[ub]/u.test(code)) return bytes.readUIntLE(0, size)
  return code.startsWith('i') ? bytes.readIntLE(0, size) : undefined
}

/** Returns whether a value is an object of this kind. */
export function isKind<Kind extends 'dtype' | 'array' | 'name'>(
  value: PickleValue,
  kind: Kind,
): value is Extract<PickleValue, { readonly type: Kind }> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'type' in value &&
    value.type === kind
  )
}

function bytesOf(code: string): number {
  const digits = /^[a-z](\d+)$/iu.exec(code)?.[1]
  return digits === undefined ? Number.NaN : Number(digits)
}
