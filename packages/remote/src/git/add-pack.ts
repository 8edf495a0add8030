import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/**
 * Adds a Git pack to a Git folder: durable, and seen by others only as a whole, since Git looks for
 * the index first, which gets its name last.
 */
export async function addPack(gitdir: string, pack: Uint8Array): Promise<void> {
  const git = await import('isomorphic-git')
  const folder = path.join(gitdir, 'objects', 'pack')
  // Git itself removes what is left of files of such names.
  const work = path.join(folder, `tmp_dsv_${randomUUID()}`)
  fs.mkdirSync(work, { recursive: true })
  try {
    fs.writeFileSync(path.join(work, 'new.pack'), pack)
    await git.indexPack({ fs, dir: work, gitdir, filepath: 'new.pack' })
    const name = `pack-${Buffer.from(pack.subarray(-20)).toString('hex')}`
    for (const ending of ['pack', 'idx']) {
      const file = path.join(work, `new.${ending}`)
      const descriptor = fs.openSync(file, 'r+')
      fs.fsyncSync(descriptor)
      fs.closeSync(descriptor)
      fs.renameSync(file, path.join(folder, `${name}.${ending}`))
    }
  } finally {
    fs.rmSync(work, { recursive: true, force: true })
  }
}
