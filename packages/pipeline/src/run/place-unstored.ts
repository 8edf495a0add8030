import { closeSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs'
import path from 'node:path'
import { checkPath, decodeFile, decodePath, type Repository, type SnapshotPart } from '@dsv/core'
import { scanBatches } from '@dsv/store'

/** Writes a part to a place where nothing is yet. @throws `DSV_PATH_UNSAFE`, `DSV_OBJECT_NOT_FOUND` */
export async function placeUnstored(
  { store }: Repository,
  { files }: SnapshotPart,
  place: string,
): Promise<void> {
  for await (const batch of scanBatches(store.objects, files))
    for (const entry of batch) {
      const inside = decodePath(entry.key)
      if (inside !== '') checkPath(inside)
      const target = inside === '' ? place : path.join(place, inside)
      const record = decodeFile(entry)
      mkdirSync(record.type === 'empty-folder' ? target : path.dirname(target), { recursive: true })
      if (record.type === 'symlink') symlinkSync(record.target, target)
      if (!('blob' in record)) continue
      const descriptor = openSync(target, 'wx', record.type === 'executable' ? 0o777 : 0o666)
      try {
        for await (const piece of store.objects.streamBlob(record.blob))
          for (let at = 0; at < piece.length;) at += writeSync(descriptor, piece, at)
      } finally {
        closeSync(descriptor)
      }
    }
}
