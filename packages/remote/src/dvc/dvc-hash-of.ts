import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { dirMd5 } from './dir-object.ts'
import type { DvcEntry } from './dvc-out.ts'

/** Returns how DVC 3 names a file or folder on disk: its MD5, with `.dir` behind that of a folder. */
export async function dvcHashOf(place: string): Promise<string> {
  if (!fs.statSync(place).isDirectory()) return md5Of(place)
  const entries: DvcEntry[] = []
  for (const entry of fs.readdirSync(place, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isDirectory() || fs.statSync(file).isDirectory()) continue
    const relative = path.relative(place, file).replaceAll(path.sep, '/')
    entries.push({ path: relative, md5: await md5Of(file) })
  }
  return `${dirMd5(entries)}.dir`
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash('md5')
  for await (const piece of fs.createReadStream(file)) hash.update(piece)
  return hash.digest('hex')
}
