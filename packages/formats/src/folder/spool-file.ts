import type { OpenFile } from '@dsv/core'
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Text that is put aside to be read again in another order. */
export interface SpoolFile extends OpenFile {
  /** Puts text at the end; returns its offset and length in bytes. */
  append(text: string): { readonly offset: number; readonly length: number }
  /** Waits until memory is given back; call it now and then while appending. */
  settle(): Promise<void>
}

const MEMORY_BYTES = 32 * 2 ** 20

/** Makes a spool: in memory while it is small, then in a temporary file that `close` removes. */
export function spoolFile(memoryBytes: number = MEMORY_BYTES): SpoolFile {
  const file = path.join(tmpdir(), `dsv-spool-${randomUUID()}`)
  let handle: FileHandle | undefined
  let pending: Buffer[] = []
  let pendingBytes = 0
  let written = 0
  const flush = async (): Promise<void> => {
    handle ??= await open(file, 'wx+', 0o600)
    const bytes = Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    await handle.writeFile(bytes)
    written += bytes.length
  }
  return {
    get sizeBytes() {
      return written + pendingBytes
    },
    append: (text) => {
      const bytes = Buffer.from(text)
      const offset = written + pendingBytes
      pending.push(bytes)
      pendingBytes += bytes.length
      return { offset, length: bytes.length }
    },
    settle: async () => {
      if (pendingBytes > memoryBytes) await flush()
    },
    read: async (offset, length) => {
      if (handle !== undefined && pendingBytes > 0) await flush()
      if (handle === undefined) {
        if (pending.length > 1) pending = [Buffer.concat(pending)]
        return (pending[0] ?? Buffer.alloc(0)).subarray(offset, offset + length)
      }
      const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, written - offset)))
      let filled = 0
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(
          buffer,
          filled,
          buffer.length - filled,
          offset + filled,
        )
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return buffer.subarray(0, filled)
    },
    close: async () => {
      await handle?.close()
      if (handle !== undefined) await rm(file, { force: true })
    },
  }
}
