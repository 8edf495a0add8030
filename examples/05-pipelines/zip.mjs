import { crc32 } from 'node:zlib'

/** Returns a zip file of texts or bytes by name, not compressed: the same texts give the same bytes. */
export function zipOf(files) {
  const parts = []
  const directory = []
  let offset = 0
  for (const [name, text] of files) {
    const data = Buffer.from(text)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    // 1 January 1980, the first day that a zip file can name.
    common.writeUInt16LE(33, 8)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    parts.push(Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), data)
    const entry = Buffer.alloc(46)
    entry.write('PK\u0001\u0002')
    entry.writeUInt16LE(20, 4)
    common.copy(entry, 6, 0, 24)
    entry.writeUInt32LE(offset, 42)
    directory.push(entry, Buffer.from(name))
    offset += 30 + Buffer.byteLength(name) + data.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, entries, end])
}
