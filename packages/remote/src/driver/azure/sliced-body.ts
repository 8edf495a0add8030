import { Readable } from 'node:stream'

const SLICE_BYTES = 64 * 1024

/**
 * Returns bytes as the body of a request. Many are handed over slice by slice as the line takes them, so
 * that progress shows whether it does; a buffer counts as sent when it is handed over.
 */
export function slicedBody(bytes: Uint8Array): Buffer | (() => Readable) {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (body.length <= SLICE_BYTES) return body
  return () => Readable.from(slices(body), { objectMode: false })
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES)
}
