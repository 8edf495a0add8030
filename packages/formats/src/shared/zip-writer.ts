import { crc32 } from 'node:zlib'

/** One file of an archive. */
export interface ZipEntry {
  /** A `/`-separated path. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** What the directory at the end says of an entry. */
interface DirectoryEntry {
  readonly name: Uint8Array
  readonly common: Uint8Array
  readonly offset: number
}

const LIMIT_16 = 0xffff
const LIMIT_32 = 0xffffffff
/** The first day that a zip file can name, so that the same entries are the same bytes. */
const DOS_DATE = 0x21
const UTF_8 = 0x800
const UNIX = 0x03
const PLAIN_FILE = (0o100644 << 16) >>> 0

/**
 * Writes a zip file as a stream. Entries are stored and not packed: images are packed already. More than
 * 65,535 entries or 4 GiB make it a Zip64 file.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function* zipArchive(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const directory: DirectoryEntry[] = []
  let offset = 0
  for await (const { name, bytes } of entries) {
    const encoded = Buffer.from(name)
    const common = commonFields(encoded.length, bytes)
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, encoded])
    directory.push({ name: encoded, common, offset })
    offset += header.length + bytes.length
    yield header
    yield bytes
  }
  let size = 0
  for (const entry of directory) {
    const bytes = directoryEntry(entry)
    size += bytes.length
    yield bytes
  }
  yield endOfDirectory(directory.length, size, offset)
}

/** Version, flags, method, date, checksum, sizes and lengths: alike in both places. */
function commonFields(nameLength: number, bytes: Uint8Array): Buffer {
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(UTF_8, 2)
  common.writeUInt16LE(DOS_DATE, 8)
  common.writeUInt32LE(crc32(bytes), 10)
  common.writeUInt32LE(bytes.length, 14)
  common.writeUInt32LE(bytes.length, 18)
  common.writeUInt16LE(nameLength, 22)
  return common
}

function directoryEntry({ name, common, offset }: DirectoryEntry): Uint8Array {
  const isFar = offset >= LIMIT_32
  const extra = Buffer.alloc(isFar ? 12 : 0)
  if (isFar) {
    extra.writeUInt16LE(1, 0)
    extra.writeUInt16LE(8, 2)
    extra.writeBigUInt64LE(BigInt(offset), 4)
  }
  const head = Buffer.concat([Buffer.from('PK\x01\x02\x2d', 'latin1'), Buffer.from([UNIX]), common])
  head.writeUInt16LE(extra.length, 30)
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(PLAIN_FILE, 6)
  rest.writeUInt32LE(isFar ? LIMIT_32 : offset, 10)
  return Buffer.concat([head, rest, name, extra])
}

function endOfDirectory(count: number, size: number, offset: number): Uint8Array {
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(Math.min(count, LIMIT_16), 8)
  end.writeUInt16LE(Math.min(count, LIMIT_16), 10)
  end.writeUInt32LE(Math.min(size, LIMIT_32), 12)
  end.writeUInt32LE(Math.min(offset, LIMIT_32), 16)
  if (count < LIMIT_16 && size < LIMIT_32 && offset < LIMIT_32) return end
  const far = Buffer.alloc(56)
  far.write('PK\x06\x06', 'latin1')
  far.writeBigUInt64LE(44n, 4)
  far.writeUInt16LE(45, 12)
  far.writeUInt16LE(45, 14)
  far.writeBigUInt64LE(BigInt(count), 24)
  far.writeBigUInt64LE(BigInt(count), 32)
  far.writeBigUInt64LE(BigInt(size), 40)
  far.writeBigUInt64LE(BigInt(offset), 48)
  const locator = Buffer.alloc(20)
  locator.write('PK\x06\x07', 'latin1')
  locator.writeBigUInt64LE(BigInt(offset + size), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([far, locator, end])
}
