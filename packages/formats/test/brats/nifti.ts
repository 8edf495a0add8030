/** A volume of bytes, or of 16-bit numbers with the most significant byte first. */
export function nifti(shape: readonly number[], values: readonly number[], isBig = false): Buffer {
  const head = Buffer.alloc(352)
  const write16 = (value: number, at: number): void => {
    if (isBig) head.writeInt16BE(value, at)
    else head.writeInt16LE(value, at)
  }
  if (isBig) head.writeInt32BE(348, 0)
  else head.writeInt32LE(348, 0)
  for (const [at, size] of [shape.length, ...shape].entries()) write16(size, 40 + at * 2)
  write16(isBig ? 4 : 2, 70)
  write16(isBig ? 16 : 8, 72)
  if (isBig) head.writeFloatBE(352, 108)
  else head.writeFloatLE(352, 108)
  head.write('n+1\0', 344)
  const body = Buffer.alloc(values.length * (isBig ? 2 : 1))
  for (const [at, value] of values.entries()) {
    if (isBig) body.writeInt16BE(value, at * 2)
    else body.writeUInt8(value, at)
  }
  return Buffer.concat([head, body])
}
