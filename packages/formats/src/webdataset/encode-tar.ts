const BLOCK = 512

/** Returns a file of a tar with its header, and a pax header before it where its name is long. */
export function encodeTarFile(name: string, bytes: Uint8Array): readonly Uint8Array[] {
  const isShort = Buffer.byteLength(name) <= 100 && /^[\x20-\x7e]*$/u.test(name)
  const own = isShort ? name : 'long-name'
  const pax = isShort
    ? []
    : padded(headerOf('PaxHeader', 'x', paxRecord(name).length), paxRecord(name))
  return [...pax, ...padded(headerOf(own, '0', bytes.length), bytes)]
}

/** Returns what ends a tar. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * BLOCK)
}

function padded(header: Uint8Array, bytes: Uint8Array): readonly Uint8Array[] {
  return [header, bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK)]
}

/** The same file is the same bytes whenever it is written: times are 0. */
function headerOf(name: string, type: string, sizeBytes: number): Uint8Array {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 'latin1')
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  if (sizeBytes < 8 ** 11) header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(sizeBytes), 128)
  }
  header.write('00000000000\0', 136)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** The length of a record counts itself. */
function paxRecord(name: string): Uint8Array {
  const rest = Buffer.byteLength(` path=${name}\n`)
  let length = rest + `${rest}`.length
  if (`${length}`.length + rest !== length) length = rest + `${length}`.length
  return Buffer.from(`${length} path=${name}\n`)
}
