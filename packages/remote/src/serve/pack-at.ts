import fs from 'node:fs'
import type { FolderDriver, StorageDriver } from '@dsv/store'
import { packPath } from '@dsv/store'
import type { ReceivedFile } from './storage-rules.ts'

/** Returns a storage in which a temporary file is the pack of that name. */
export function packAt(driver: FolderDriver, file: ReceivedFile, packId: string): StorageDriver {
  const path = packPath(packId)
  return {
    ...driver,
    sizeOf: async (wanted) => (wanted === path ? file.sizeBytes : driver.sizeOf(wanted)),
    async readRange(wanted, offset, length) {
      if (wanted !== path) return driver.readRange(wanted, offset, length)
      const start = offset < 0 ? Math.max(0, file.sizeBytes + offset) : offset
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, file.sizeBytes - start)))
      const handle = await fs.promises.open(file.temporary, 'r')
      try {
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
        return bytes.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    },
  }
}
