import { formatSyntax, type OpenFile } from '@dsv/core'
import { maskedCrc32c } from './crc32c.ts'

/** One record of a TFRecord file. */
export interface TfRecord {
  /** From 0. */
  readonly index: number
  /** Where its data begin in the file. */
  readonly offset: number
  readonly sizeBytes: number
}

const HEADER_BYTES = 12
const FOOTER_BYTES = 4
/** No example is larger: protobuf messages have at most 2 GiB. */
const MAX_RECORD_BYTES = 2 ** 31 - 1

/**
 * Finds the records of a TFRecord file: length (64 bits) and its CRC, data and their CRC, all little
 * endian. Only the lengths are read and checked.
 *
 * @throws `DSV_FORMAT_SYNTAX` where a length does not fit its CRC or the file
 */
export async function* tfRecords(file: OpenFile, path: string): AsyncGenerator<TfRecord> {
  let at = 0
  for (let index = 0; at < file.sizeBytes; index++) {
    const header = Buffer.from(await file.read(at, HEADER_BYTES))
    const place = `record ${index} (at byte ${at})`
    if (header.length < HEADER_BYTES) throw formatSyntax(path, `${place} is cut off`)
    if (maskedCrc32c(header.subarray(0, 8)) !== header.readUInt32LE(8)) {
      throw formatSyntax(path, `${place} has a length that does not fit its checksum`)
    }
    const length = Number(header.readBigUInt64LE(0))
    const end = at + HEADER_BYTES + length + FOOTER_BYTES
    if (length > MAX_RECORD_BYTES || end > file.sizeBytes) {
      throw formatSyntax(path, `${place} claims ${length} bytes, more than there are`)
    }
    yield { index, offset: at + HEADER_BYTES, sizeBytes: length }
    at = end
  }
}

/** Reads the data of a record. @throws `DSV_FORMAT_SYNTAX` when they do not fit their CRC */
export async function readTfRecord(
  file: OpenFile,
  path: string,
  { index, offset, sizeBytes }: TfRecord,
): Promise<Uint8Array> {
  const bytes = Buffer.from(await file.read(offset, sizeBytes + FOOTER_BYTES))
  const data = bytes.subarray(0, sizeBytes)
  if (bytes.length < sizeBytes + FOOTER_BYTES) {
    throw formatSyntax(path, `record ${index} is cut off`)
  }
  if (maskedCrc32c(data) !== bytes.readUInt32LE(sizeBytes)) {
    throw formatSyntax(path, `record ${index} does not fit its checksum`)
  }
  return data
}

/** Returns the bytes of a record with its length and checksums. */
export function encodeTfRecord(data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + data.length + FOOTER_BYTES)
  bytes.writeBigUInt64LE(BigInt(data.length), 0)
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, 8)), 8)
  bytes.set(data, HEADER_BYTES)
  bytes.writeUInt32LE(maskedCrc32c(data), HEADER_BYTES + data.length)
  return bytes
}
