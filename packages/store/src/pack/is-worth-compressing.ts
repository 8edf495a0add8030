import { deflateRawSync } from 'node:zlib'

const SAMPLE_BYTES = 4096
const SPREAD_BYTES = 1024

/**
 * Returns whether the bytes of a blob are likely to shrink by a tenth. Compressed media and archives
 * are told by their first bytes; else the spread of byte values in a sample decides, and for more than
 * 16 KiB a trial on the first 4 KiB.
 */
export function isWorthCompressing(bytes: Uint8Array): boolean {
  if (bytes.length < 64 || isCompressedFormat(bytes)) return false
  // The middle: many formats have a header with zeros.
  const middle = Math.max(0, (bytes.length - SPREAD_BYTES) >>> 1)
  if (isSpreadEvenly(bytes.subarray(middle, middle + SPREAD_BYTES))) return false
  if (bytes.length <= 4 * SAMPLE_BYTES) return true
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  return deflateRawSync(sample, { level: 1 }).length < sample.length * 0.9
}

/** First bytes of formats that are compressed inside. */
const COMPRESSED: readonly Buffer[] = [
  'ffd8ff', // JPEG
  '89504e470d0a1a0a', // PNG
  '47494638', // GIF
  '504b0304', // zip, npz
  '1f8b08', // gzip
  '28b52ffd', // zstd
  'fd377a585a00', // xz
  '425a68', // bzip2
  '377abcaf271c', // 7z
  '1a45dfa3', // Matroska, WebM
  '50415231', // Parquet
  '0000000c4a584c20', // JPEG XL
  '0000000c6a502020', // JPEG 2000
].map((hex) => Buffer.from(hex, 'hex'))
const MP4 = Buffer.from('ftyp')
const WEBP = Buffer.from('WEBP')

function isCompressedFormat(bytes: Uint8Array): boolean {
  if (COMPRESSED.some((magic) => hasAt(bytes, 0, magic))) return true
  return hasAt(bytes, 4, MP4) || hasAt(bytes, 8, WEBP)
}

function hasAt(bytes: Uint8Array, offset: number, magic: Buffer): boolean {
  for (let index = 0; index < magic.length; index += 1) {
    if (bytes[offset + index] !== magic[index]) return false
  }
  return true
}

/**
 * Evenly spread bytes make `sum of squares of counts` about n²/256 + n; what deflate can shrink by
 * its Huffman codes alone is well above.
 */
function isSpreadEvenly(sample: Uint8Array): boolean {
  counts.fill(0)
  let squares = 0
  for (let index = 0; index < sample.length; index += 1) {
    const byte = sample[index] ?? 0
    const count = counts[byte] ?? 0
    // The sum of squares grows by (n + 1)² − n².
    squares += 2 * count + 1
    counts[byte] = count + 1
  }
  return squares < 1.3 * ((sample.length * sample.length) / 256 + sample.length)
}

/** Made once: this runs for every file that is added. */
const counts = new Uint32Array(256)
