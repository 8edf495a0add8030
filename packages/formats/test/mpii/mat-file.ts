import { deflateSync } from 'node:zlib'

/** A value of a MATLAB file: a number, text, or an array of structures. */
export type Mat = number | string | readonly Readonly<Record<string, Mat>>[]

function element(kind: number, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(kind, 0)
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc((8 - (data.length % 8)) % 8)])
}

function matrix(value: Mat, name = ''): Buffer {
  const head = (kind: number, length: number): Buffer[] => [
    element(6, Buffer.from(Uint32Array.of(kind, 0).buffer)),
    element(5, Buffer.from(Int32Array.of(1, length).buffer)),
    element(1, Buffer.from(name)),
  ]
  if (typeof value === 'number') {
    const data = element(9, Buffer.from(Float64Array.of(value).buffer))
    return element(14, Buffer.concat([...head(6, 1), data]))
  }
  if (typeof value === 'string') {
    const data = element(4, Buffer.from(value, 'utf16le'))
    return element(14, Buffer.concat([...head(4, value.length), data]))
  }
  const names = Object.keys(value[0] ?? {})
  const size = Buffer.from([5, 0, 4, 0, 32, 0, 0, 0])
  const list = element(1, Buffer.concat(names.map((each) => Buffer.from(each.padEnd(32, '\0')))))
  const fields = value.flatMap((each) => names.map((field) => matrix(each[field] ?? [])))
  return element(14, Buffer.concat([...head(2, value.length), size, list, ...fields]))
}

/** Returns a MATLAB file of version 5 with one variable, `RELEASE`. */
export function matFile(release: Mat, isCompressed = false): Buffer {
  const head = Buffer.alloc(128, ' ')
  head.write('MATLAB 5.0 MAT-file')
  head.writeUInt16LE(0x0100, 124)
  head.write('IM', 126)
  const body = matrix(release, 'RELEASE')
  if (!isCompressed) return Buffer.concat([head, body])
  const packed = deflateSync(body)
  const tag = Buffer.from(Uint32Array.of(15, packed.length).buffer)
  return Buffer.concat([head, tag, packed])
}
