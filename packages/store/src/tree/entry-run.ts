import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { ID_BYTES, idFromBytes, idToBytes, toObjectId } from '../hash/object-id.ts'
import type { TreeEntry } from './tree.ts'

/** Bytes read and written at once. */
const BUFFER_BYTES = 256 * 1024
const HEADER_BYTES = 12

/**
 * Writes entries one behind the other to a new file: three 32-bit lengths (key, value, number of
 * links), then the bytes. Synchronous, like {@link readRun}: the files are local and just written, and
 * a promise per entry would cost more than the sort.
 */
export function writeRun(path: string, entries: Iterable<TreeEntry>): void {
  const file = openSync(path, 'wx')
  try {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
    let used = 0
    const flush = (): void => {
      writeAll(file, buffer.subarray(0, used))
      used = 0
    }
    for (const entry of entries) {
      const sizeBytes = runBytes(entry)
      if (used + sizeBytes > BUFFER_BYTES) flush()
      if (sizeBytes > BUFFER_BYTES) {
        const large = Buffer.allocUnsafe(sizeBytes)
        putEntry(large, 0, entry)
        writeAll(file, large)
      } else {
        used = putEntry(buffer, used, entry)
      }
    }
    flush()
  } finally {
    closeSync(file)
  }
}

function runBytes({ key, value, links }: TreeEntry): number {
  return HEADER_BYTES + key.length + value.length + links.length * ID_BYTES
}

function putEntry(target: Buffer, start: number, { key, value, links }: TreeEntry): number {
  let at = target.writeUInt32LE(key.length, start)
  at = target.writeUInt32LE(value.length, at)
  at = target.writeUInt32LE(links.length, at)
  for (const bytes of [key, value, ...links.map(idToBytes)]) {
    target.set(bytes, at)
    at += bytes.length
  }
  return at
}

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0
  while (done < bytes.length) done += writeSync(file, bytes, done)
}

/**
 * Yields the entries of a file of {@link writeRun}, and closes it when it is left.
 *
 * @yields one entry whose bytes stay as they are
 */
export function* readRun(path: string): Generator<TreeEntry, void, undefined> {
  const file = openSync(path, 'r')
  try {
    let buffer = Buffer.alloc(0)
    let at = 0
    /** Makes `count` bytes available at `at`; false at the end of the file. */
    const fill = (count: number): boolean => {
      if (buffer.length - at >= count) return true
      const larger = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, count))
      let used = buffer.copy(larger, 0, at)
      for (;;) {
        const read = readSync(file, larger, used, larger.length - used, null)
        used += read
        if (read === 0 || used === larger.length) break
      }
      buffer = larger.subarray(0, used)
      at = 0
      return used >= count
    }
    while (fill(HEADER_BYTES)) {
      const keyBytes = buffer.readUInt32LE(at)
      const valueBytes = buffer.readUInt32LE(at + 4)
      const linkCount = buffer.readUInt32LE(at + 8)
      at += HEADER_BYTES
      if (!fill(keyBytes + valueBytes + linkCount * ID_BYTES)) {
        throw new Error(`the temporary file ${path} is cut off`)
      }
      // Views: what was read is never written over, as each refill has a buffer of its own.
      const key = viewOf(buffer, at, keyBytes)
      const value = viewOf(buffer, at + keyBytes, valueBytes)
      at += keyBytes + valueBytes
      const links = Array.from({ length: linkCount }, (_, index) =>
        toObjectId(idFromBytes(buffer, at + index * ID_BYTES)),
      )
      at += linkCount * ID_BYTES
      yield { key, value, links }
    }
  } finally {
    closeSync(file)
  }
}

function viewOf(buffer: Buffer, at: number, length: number): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + at, length)
}
