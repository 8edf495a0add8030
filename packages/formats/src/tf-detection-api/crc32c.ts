/** Eight tables of 256: the remainder of a byte followed by 0…7 zero bytes. */
const TABLES: readonly Uint32Array[] = makeTables()
const MASK_DELTA = 0xa2_82_ea_d8

/**
 * Returns the masked CRC-32C that TFRecord files carry: the Castagnoli CRC turned right by 15 bits,
 * plus a constant.
 *
 * @see {@link https://www.tensorflow.org/tutorials/load_data/tfrecord | TFRecord}
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0
}

function crc32c(bytes: Uint8Array): number {
  const [
    t0 = EMPTY,
    t1 = EMPTY,
    t2 = EMPTY,
    t3 = EMPTY,
    t4 = EMPTY,
    t5 = EMPTY,
    t6 = EMPTY,
    t7 = EMPTY,
  ] = TABLES
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = bytes.length - (bytes.length % 8)
  let crc = 0xff_ff_ff_ff
  let at = 0
  for (; at < end; at += 8) {
    const low = crc ^ view.getUint32(at, true)
    const high = view.getUint32(at + 4, true)
    crc =
      (t7[low & 0xff] ?? 0) ^
      (t6[(low >>> 8) & 0xff] ?? 0) ^
      (t5[(low >>> 16) & 0xff] ?? 0) ^
      (t4[low >>> 24] ?? 0) ^
      (t3[high & 0xff] ?? 0) ^
      (t2[(high >>> 8) & 0xff] ?? 0) ^
      (t1[(high >>> 16) & 0xff] ?? 0) ^
      (t0[high >>> 24] ?? 0)
  }
  for (; at < bytes.length; at++) crc = (t0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}

const EMPTY = new Uint32Array(0)

function makeTables(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0x82_f6_3b_78)
    return crc
  })
  const tables = [first]
  for (let zeros = 1; zeros < 8; zeros++) {
    const before = tables[zeros - 1] ?? first
    tables.push(before.map((crc) => (first[crc & 0xff] ?? 0) ^ (crc >>> 8)))
  }
  return tables
}
