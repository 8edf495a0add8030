import { crc32, deflateRawSync } from 'node:zlib'

/** An entry of a zip file that is made for a test; claims may be wrong on purpose. */
export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
  /** Claimed size; default: that of `bytes`. */
  readonly claimedBytes?: number
  readonly isEncrypted?: boolean
  /** Unix mode; default a plain file. */
  readonly mode?: number
  readonly isStored?: boolean
}

/** Returns a zip file (APPNOTE 6.3, without Zip64). */
export function zipBytes(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const body = entry.isStored === true ? Buffer.from(entry.bytes) : deflateRawSync(entry.bytes)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE((entry.isEncrypted === true ? 1 : 0) | 0x800, 2)
    common.writeUInt16LE(entry.isStored === true ? 0 : 8, 4)
    common.writeUInt32LE(crc32(entry.bytes), 10)
    common.writeUInt32LE(body.length, 14)
    common.writeUInt32LE(entry.claimedBytes ?? entry.bytes.length, 18)
    common.writeUInt16LE(name.length, 22)
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, body])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, rest, name]))
    files.push(file)
    offset += file.length
  }
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(listing.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, listing, end])
}
