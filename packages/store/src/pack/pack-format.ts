import { hashBlob } from '../hash/blake3.ts'
import { ID_BYTES } from '../hash/object-id.ts'
import { sortById } from './sort-by-id.ts'
import { readVarint, varintLength, writeVarint } from './varint.ts'

/**
 * The bytes of a pack, numbers little-endian:
 *
 * ```
 * "DSVPACK" version                                      8 bytes
 * entries: kind u8, codec u8, rawLength varint, storedLength varint, stored payload
 * table:   by id: id 32, payload offset u40, storedLength u32, rawLength u32, kind u8, codec u8
 * tail:    count u32, BLAKE3 of the table 32, "DSVPEND" version
 * ```
 *
 * A pack is named by the BLAKE3 of its table. When the table is damaged, reading the entries from the
 * front and hashing the payloads gives it again.
 */
export const PACK_MAGIC: Buffer = Buffer.from('DSVPACK\x01', 'latin1')
const PACK_END: Buffer = Buffer.from('DSVPEND\x01', 'latin1')

/** Bytes of one entry of the table. */
export const TABLE_STRIDE: number = ID_BYTES + 5 + 4 + 4 + 1 + 1
/** Bytes after the table. */
export const TAIL_BYTES: number = 4 + ID_BYTES + PACK_END.length

/** One line of a pack's table; `kind` and `codec` as they are stored. */
export interface TableLine {
  readonly offset: number
  readonly storedLength: number
  readonly rawLength: number
  readonly kind: number
  readonly codec: number
}

/** Returns the bytes before a stored payload. */
export function encodeEntryHeader(
  kind: number,
  codec: number,
  rawLength: number,
  storedLength: number,
): Buffer {
  const bytes = Buffer.allocUnsafe(2 + varintLength(rawLength) + varintLength(storedLength))
  bytes[0] = kind
  bytes[1] = codec
  writeVarint(bytes, writeVarint(bytes, 2, rawLength), storedLength)
  return bytes
}

/** Reads the header at `offset`; undefined when it is cut off. `offset` of the result: of the payload. */
export function decodeEntryHeader(bytes: Uint8Array, offset: number): TableLine | undefined {
  const [kind, codec] = [bytes[offset], bytes[offset + 1]]
  if (kind === undefined || codec === undefined) return undefined
  const raw = readVarint(bytes, offset + 2)
  const stored = raw && readVarint(bytes, raw.end)
  if (stored === undefined) return undefined
  return {
    kind,
    codec,
    rawLength: raw?.value ?? 0,
    storedLength: stored.value,
    offset: stored.end,
  }
}

/** Writes one line of a table at `at`; the caller has put the id there. */
export function writeTableLine(table: Buffer, at: number, line: TableLine): void {
  let next = table.writeUIntLE(line.offset, at + ID_BYTES, 5)
  next = table.writeUInt32LE(line.storedLength, next)
  next = table.writeUInt32LE(line.rawLength, next)
  next = table.writeUInt8(line.kind, next)
  table.writeUInt8(line.codec, next)
}

/** Reads one line of a table. */
export function readTableLine(table: Buffer, at: number): TableLine {
  const from = at + ID_BYTES
  return {
    offset: table.readUIntLE(from, 5),
    storedLength: table.readUInt32LE(from + 5),
    rawLength: table.readUInt32LE(from + 9),
    kind: table.readUInt8(from + 13),
    codec: table.readUInt8(from + 14),
  }
}

/** Returns the sorted table and the tail for lines in any order, with the id of the pack. */
export function encodeFooter(
  lines: Buffer,
  count: number,
): { readonly footer: Buffer; readonly packId: string } {
  const footer = Buffer.allocUnsafe(count * TABLE_STRIDE + TAIL_BYTES)
  sortById(lines, TABLE_STRIDE, count, ID_BYTES).forEach((line, index) => {
    lines.copy(footer, index * TABLE_STRIDE, line * TABLE_STRIDE, (line + 1) * TABLE_STRIDE)
  })
  const end = count * TABLE_STRIDE
  const packId = hashBlob(footer.subarray(0, end))
  footer.writeUInt32LE(count, end)
  footer.write(packId, end + 4, 'hex')
  PACK_END.copy(footer, end + 4 + ID_BYTES)
  return { footer, packId }
}

/** Reads a tail; undefined when it is damaged. */
export function decodeTail(
  tail: Buffer,
): { readonly count: number; readonly packId: string } | undefined {
  if (tail.length !== TAIL_BYTES || !tail.subarray(4 + ID_BYTES).equals(PACK_END)) return undefined
  return { count: tail.readUInt32LE(0), packId: tail.toString('hex', 4, 4 + ID_BYTES) }
}
