import { deflateRawSync } from 'node:zlib'

const SAMPLE_BYTES = 4096

/**
 * Returns whether the bytes of a blob are likely to shrink by a tenth. Compressed media and archives
 * are told by their first bytes; else the spread of byte values in a sample decides, and for more than
 * 16 KiB a trial on the first 4 KiB.
 */
export function isWorthCompressing(bytes: Uint8Array): boolean {
  if (bytes.length < 64 || isCompressedFormat(bytes)) return false
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  if (isSpreadEvenly(sample)) return false
  if (bytes.length <= 4 * SAMPLE_BYTES) return true
  return deflateRawSync(sample, { level: 1 }).length < sample.length * 0.9
}

/** First bytes of formats that are compressed inside, in hexadecimal. */
const COMPRESSED = [
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
]

function isCompressedFormat(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(12, bytes.length))
  const hex = head.toString('hex')
  if (COMPRESSED.some((magic) => hex.startsWith(magic))) return true
  const isMp4 = head.subarray(4, 8).toString('latin1') === 'ftyp'
  const isWebp = hex.startsWith('52494646') && head.subarray(8, 12).toString('latin1') === 'WEBP'
  return isMp4 || isWebp
}

/**
 * Evenly spread bytes make `sum of squares of counts` about n²/256 + n; what deflate can shrink by
 * its Huffman codes alone is well above.
 */
function isSpreadEvenly(sample: Uint8Array): boolean {
  const counts = new Uint32Array(256)
  for (const byte of sample) counts[byte] = (counts[byte] ?? 0) + 1
  let squares = 0
  for (const count of counts) squares += count * count
  return squares < 1.3 * ((sample.length * sample.length) / 256 + sample.length)
}
