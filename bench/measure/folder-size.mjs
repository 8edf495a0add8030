import { lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** Returns how many files lie below `folder`, their bytes, and the bytes that the disk gives them. */
export function folderSize(folder) {
  const size = { files: 0, bytes: 0, diskBytes: 0 }
  const walk = (inside) => {
    for (const entry of readdirSync(inside, { withFileTypes: true })) {
      const file = path.join(inside, entry.name)
      const stat = lstatSync(file)
      size.diskBytes += stat.blocks * 512
      if (entry.isDirectory()) walk(file)
      else {
        size.files++
        size.bytes += stat.size
      }
    }
  }
  walk(folder)
  return size
}
