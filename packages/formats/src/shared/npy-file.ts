/** Types of numbers that are written, in the words of NumPy. */
export type NpyType = '<f4' | '<f8'

const MAGIC = '\x93NUMPY\x01\x00'
const ALIGNMENT = 64

/**
 * Returns numbers as a NumPy file, row by row.
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html}
 */
export function formatNpy(
  numbers: readonly number[],
  shape: readonly number[],
  type: NpyType,
): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(', ')
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dimensions}), }`
  const start = MAGIC.length + 2
  const length = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT - start
  const head = Buffer.alloc(start + length, ' ')
  head.write(MAGIC, 'latin1')
  head.writeUInt16LE(length, MAGIC.length)
  head.write(text, start)
  head.write('\n', head.length - 1)
  const size = type === '<f4' ? 4 : 8
  const body = Buffer.alloc(numbers.length * size)
  for (const [at, number] of numbers.entries()) {
    if (type === '<f4') body.writeFloatLE(number, at * size)
    else body.writeDoubleLE(number, at * size)
  }
  return Buffer.concat([head, body])
}
