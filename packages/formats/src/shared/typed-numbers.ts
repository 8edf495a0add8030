/** Types of numbers in binary files, in the words of NumPy: letter and bytes. */
export type NumberCode = 'i1' | 'u1' | 'i2' | 'u2' | 'i4' | 'u4' | 'i8' | 'u8' | 'f4' | 'f8'

const ARRAYS: Readonly<
  Record<NumberCode, (buffer: ArrayBuffer, length: number) => ArrayLike<number>>
> = {
  i1: (buffer, length) => new Int8Array(buffer, 0, length),
  u1: (buffer, length) => new Uint8Array(buffer, 0, length),
  i2: (buffer, length) => new Int16Array(buffer, 0, length),
  u2: (buffer, length) => new Uint16Array(buffer, 0, length),
  i4: (buffer, length) => new Int32Array(buffer, 0, length),
  u4: (buffer, length) => new Uint32Array(buffer, 0, length),
  i8: (buffer, length) => Float64Array.from(new BigInt64Array(buffer, 0, length), Number),
  u8: (buffer, length) => Float64Array.from(new BigUint64Array(buffer, 0, length), Number),
  f4: (buffer, length) => new Float32Array(buffer, 0, length),
  f8: (buffer, length) => new Float64Array(buffer, 0, length),
}

/** Returns whether a text is the code of a type of numbers. */
export function isNumberCode(text: string): text is NumberCode {
  return Object.hasOwn(ARRAYS, text)
}

/** Returns how many bytes a number of a type takes. */
export function numberBytes(code: NumberCode): number {
  return Number(code.slice(1))
}

/** Returns the numbers that bytes hold: as many as there are whole ones. */
export function typedNumbers(
  bytes: Uint8Array,
  code: NumberCode,
  isBigEndian: boolean,
): ArrayLike<number> {
  const size = numberBytes(code)
  const length = Math.floor(bytes.length / size)
  const buffer = new ArrayBuffer(length * size)
  const copy = Buffer.from(buffer)
  copy.set(bytes.subarray(0, length * size))
  if (isBigEndian && size === 2) copy.swap16()
  else if (isBigEndian && size === 4) copy.swap32()
  else if (isBigEndian && size === 8) copy.swap64()
  return ARRAYS[code](buffer, length)
}
