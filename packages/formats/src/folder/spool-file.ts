import type { OpenFile } from '@dsv/core'
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { handleFile } from './open-file.ts'

/** Bytes that are put aside to be read again in another order. */
export interface SpoolFile extends OpenFile {
  /** Puts a copy of bytes at the end; returns where they are. */
  append(bytes: Uint8Array): number
  /** Waits until memory is given back; call it now and then while appending. */
  settle(): Promise<void>
}

const CHUNK_BYTES = 2 ** 20
const MEMORY_BYTES = 8 * 2 ** 20

/** Makes a spool: in memory while it is small, then in a temporary file that `close` removes. */
export function spoolFile(memoryBytes: number = MEMORY_BYTES): SpoolFile {
  const file = path.join(tmpdir(), `dsv-spool-${randomUUID()}`)
  const pending = pendingBytes()
  let handle: FileHandle | undefined
  let written = 0
  const flush = async (): Promise<void> => {
    handle ??= await open(file, 'wx+', 0o600)
    for (const bytes of pending.take()) {
      await handle.appendFile(bytes)
      written += bytes.length
    }
  }
  return {
    get sizeBytes() {
      return written + pending.size()
    },
    append: (bytes) => {
      const offset = written + pending.size()
      pending.add(bytes)
      return offset
    },
    settle: async () => {
      if (pending.size() > memoryBytes) await flush()
    },
    read: async (offset, length) => {
      if (handle === undefined) return pending.all().subarray(offset, offset + length)
      if (pending.size() > 0) await flush()
      return handleFile(handle, written).read(offset, length)
    },
    close: async () => {
      await handle?.close()
      if (handle !== undefined) await rm(file, { force: true })
      handle = undefined
    },
  }
}

interface PendingBytes {
  readonly size: () => number
  readonly add: (bytes: Uint8Array) => void
  /** All bytes; they stay. */
  readonly all: () => Buffer
  /** All bytes; they are forgotten. */
  readonly take: () => readonly Buffer[]
}

function pendingBytes(): PendingBytes {
  let chunks: Buffer[] = []
  let chunk = Buffer.alloc(0)
  let used = 0
  let before = 0
  const all = (): Buffer => {
    if (before > 0 || used < chunk.length) {
      chunk = Buffer.concat([...chunks, chunk.subarray(0, used)])
      chunks = []
      used = chunk.length
      before = 0
    }
    return chunk
  }
  return {
    size: () => before + used,
    add: (bytes) => {
      if (used + bytes.length > chunk.length) {
        chunks.push(chunk.subarray(0, used))
        before += used
        chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes.length))
        used = 0
      }
      chunk.set(bytes, used)
      used += bytes.length
    },
    all,
    take: () => {
      const taken = [...chunks, chunk.subarray(0, used)]
      chunks = []
      before = 0
      chunk = Buffer.alloc(0)
      used = 0
      return taken
    },
  }
}
