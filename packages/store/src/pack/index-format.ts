import { hashBlob } from '../hash/blake3.ts'

/**
 * The bytes of an index fragment, numbers little-endian:
 *
 * ```
 * "DSVIDX" version 0                                     8 bytes
 * pages of 4,096: 116 entries sorted by id prefix, 4 zero bytes, BLAKE3 of what is before 32
 * footer: for each first byte b the number of entries whose first byte is ≤ b, 256 × u32;
 *         number of entries u32; pack ids, 32 bytes each
 * tail:   length of the footer u32, BLAKE3 of the footer 32, "DSVIEND" version
 * ```
 *
 * Entry: id prefix 16, number of the pack u32, payload offset u40, storedLength u32, rawLength u32, kind
 * u8, codec u8. The unused entries of the last page are zero. A fragment is named by the BLAKE3 of the
 * whole file.
 */
export const INDEX_MAGIC: Buffer = Buffer.from('DSVIDX\x01\x00', 'latin1')
const INDEX_END: Buffer = Buffer.from('DSVIEND\x01', 'latin1')

/** Bytes of an id that an entry holds. */
export const PREFIX_BYTES = 16
/** Bytes of an entry. */
export const ENTRY_BYTES = 35
/** Bytes of a page. */
export const PAGE_BYTES = 4096
/** Entries on a full page. */
export const PAGE_ENTRIES = 116
const PAGE_CHECKED = PAGE_BYTES - 32
/** Bytes after the footer. */
export const INDEX_TAIL_BYTES: number = 4 + 32 + INDEX_END.length
const FAN_OUT_BYTES = 256 * 4

/** Where a stored payload lies; `kind` and `codec` as they are stored. */
export interface EntryPlace {
  readonly pack: number
  readonly offset: number
  readonly storedLength: number
  readonly rawLength: number
  readonly kind: number
  readonly codec: number
}

/** Writes an entry at `at` behind its prefix, which the caller has put there. */
export function writeEntryPlace(target: Buffer, at: number, place: EntryPlace): void {
  let next = target.writeUInt32LE(place.pack, at + PREFIX_BYTES)
  next = target.writeUIntLE(place.offset, next, 5)
  next = target.writeUInt32LE(place.storedLength, next)
  next = target.writeUInt32LE(place.rawLength, next)
  next = target.writeUInt8(place.kind, next)
  target.writeUInt8(place.codec, next)
}

/** Reads the entry at `at`. */
export function readEntryPlace(source: Buffer, at: number): EntryPlace {
  const from = at + PREFIX_BYTES
  return {
    pack: source.readUInt32LE(from),
    offset: source.readUIntLE(from + 4, 5),
    storedLength: source.readUInt32LE(from + 9),
    rawLength: source.readUInt32LE(from + 13),
    kind: source.readUInt8(from + 17),
    codec: source.readUInt8(from + 18),
  }
}

/** Fills in the checksum of a page whose entries are written. */
export function sealPage(page: Buffer): void {
  page.write(hashBlob(page.subarray(0, PAGE_CHECKED)), PAGE_CHECKED, 'hex')
}

/** Returns whether a page is complete and unaltered. */
export function isPageSound(page: Buffer): boolean {
  if (page.length !== PAGE_BYTES) return false
  return hashBlob(page.subarray(0, PAGE_CHECKED)) === page.toString('hex', PAGE_CHECKED)
}

/** What stands behind the pages. */
export interface IndexFooter {
  readonly fanOut: Uint32Array
  readonly entries: number
  readonly packs: readonly string[]
}

/** Returns the footer and the tail. */
export function encodeIndexFooter(footer: IndexFooter): Buffer {
  const { fanOut, entries, packs } = footer
  const length = FAN_OUT_BYTES + 4 + 32 * packs.length
  const bytes = Buffer.alloc(length + INDEX_TAIL_BYTES)
  fanOut.forEach((count, index) => bytes.writeUInt32LE(count, 4 * index))
  bytes.writeUInt32LE(entries, FAN_OUT_BYTES)
  packs.forEach((pack, index) => bytes.write(pack, FAN_OUT_BYTES + 4 + 32 * index, 'hex'))
  bytes.writeUInt32LE(length, length)
  bytes.write(hashBlob(bytes.subarray(0, length)), length + 4, 'hex')
  INDEX_END.copy(bytes, length + 36)
  return bytes
}

/** Returns the length and the BLAKE3 of the footer that a tail tells, or undefined when damaged. */
export function decodeIndexTail(
  tail: Buffer,
): { readonly length: number; readonly hash: string } | undefined {
  if (tail.length !== INDEX_TAIL_BYTES || !tail.subarray(36).equals(INDEX_END)) return undefined
  const length = tail.readUInt32LE(0)
  if (length < FAN_OUT_BYTES + 4 || (length - FAN_OUT_BYTES - 4) % 32 !== 0) return undefined
  return { length, hash: tail.toString('hex', 4, 36) }
}

/** Reads a footer, or returns undefined when it is damaged. */
export function decodeIndexFooter(bytes: Buffer, hash: string): IndexFooter | undefined {
  if (bytes.length < FAN_OUT_BYTES + 4 || hashBlob(bytes) !== hash) return undefined
  const fanOut = Uint32Array.from({ length: 256 }, (_, index) => bytes.readUInt32LE(4 * index))
  if (fanOut.some((count, index) => index > 0 && count < (fanOut[index - 1] ?? 0))) return undefined
  const packs: string[] = []
  for (let at = FAN_OUT_BYTES + 4; at < bytes.length; at += 32) {
    packs.push(bytes.toString('hex', at, at + 32))
  }
  return { fanOut, entries: bytes.readUInt32LE(FAN_OUT_BYTES), packs }
}
