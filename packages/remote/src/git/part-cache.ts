import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import type { GitObjects } from '../dvc/git-objects.ts'
import type { FileParts } from './storage-tree.ts'

/** Files unpacked from Git, so that a part of one costs no unpacking of all of it. */
export interface PartCache {
  /** Keeps the bytes of a file. */
  keep(parts: FileParts, bytes: Uint8Array): void
  sizeOf(parts: FileParts): Promise<number>
  /** Reads `length` bytes from `offset`; a negative offset counts from the end. */
  read(parts: FileParts, offset: number, length: number): Promise<Uint8Array>
}

/** Returns a name for the content of a file. */
export function contentName(parts: FileParts): string {
  return parts.length === 1 ? parts[0] : createHash('sha256').update(parts.join()).digest('hex')
}

/** Opens a cache in a folder, which any number of processes may share. */
export function partCache(folder: string, objects: GitObjects): PartCache {
  function write(file: string, chunks: readonly Uint8Array[]): void {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    const temporary = `${file}.${randomUUID()}`
    fs.writeFileSync(temporary, Buffer.concat(chunks))
    fs.renameSync(temporary, file)
  }
  async function fileOf(parts: FileParts): Promise<string> {
    const file = path.join(folder, contentName(parts))
    if (fs.existsSync(file)) return file
    const chunks: Uint8Array[] = []
    for (const part of parts) chunks.push(await objects.blob(part))
    write(file, chunks)
    return file
  }
  return {
    keep: (parts, bytes) => write(path.join(folder, contentName(parts)), [bytes]),
    sizeOf: async (parts) => (await fs.promises.stat(await fileOf(parts))).size,
    async read(parts, offset, length) {
      const handle = await fs.promises.open(await fileOf(parts), 'r')
      try {
        const { size } = await handle.stat()
        const from = offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size)
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - from)))
        let done = 0
        while (done < bytes.length) {
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done)
          if (bytesRead === 0) return bytes.slice(0, done)
          done += bytesRead
        }
        return bytes
      } finally {
        await handle.close()
      }
    },
  }
}

/** Returns whether an error says that there is no space left. */
export function isFull(error: unknown): boolean {
  const code = systemErrorCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}
