import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { type ComparedStage, isNeverTracked } from '@dsv/core'
import { dirMd5, md5Check } from '@dsv/remote'
import { toBlobId } from '@dsv/store'
import { createHash } from 'node:crypto'
import { dependencyId } from './dependency-id.ts'

const PIECE_BYTES = 2 ** 20

/** Returns whether an id is one that DVC gave. */
export function isMd5(id: string): boolean {
  return id.startsWith('md5')
}

/**
 * Returns whether a path of the working tree holds what DVC calls by this MD5, `md5:…` or `md5-dos2unix:…`. That is
 * remembered. Of folders that releases before 3 have recorded nobody can tell.
 */
export async function hasMd5(compared: ComparedStage, at: string, id: string): Promise<boolean> {
  const content = await dependencyId(compared, at)
  if (content === undefined) return false
  const digest = toBlobId(content.slice(content.indexOf(':') + 1))
  const name = `md5 of ${at}`
  const kept = compared.known.results.get(name, [digest])
  if (kept === id) return true
  const isSame = holdsMd5(path.join(compared.root, at), id)
  if (isSame) await compared.known.results.put(name, [digest], id)
  return isSame
}

/** Returns whether a file or folder on disk is what DVC calls by an MD5, as {@link hasMd5}. */
export function holdsMd5(place: string, id: string): boolean {
  const colon = id.indexOf(':')
  const [hash, md5] = [id.slice(0, colon), id.slice(colon + 1)]
  const isFolder = statSync(place).isDirectory()
  if (isFolder !== md5.endsWith('.dir')) return false
  if (!isFolder) {
    const check = md5Check(hash === 'md5' ? 'md5' : 'md5-dos2unix', md5)
    readPieces(place, (bytes) => check.update(bytes))
    return check.mismatch() === undefined
  }
  if (hash !== 'md5') return false
  const entries = filesBelow(place, '').map((inside) => {
    const state = createHash('md5')
    readPieces(path.join(place, inside), (bytes) => void state.update(bytes))
    return { path: inside, md5: state.digest('hex') }
  })
  return `${dirMd5(entries)}.dir` === md5
}

function filesBelow(place: string, folder: string): readonly string[] {
  return readdirSync(path.join(place, folder), { withFileTypes: true }).flatMap((each) => {
    const inside = folder === '' ? each.name : `${folder}/${each.name}`
    if (each.isDirectory()) return isNeverTracked(`${inside}/`) ? [] : filesBelow(place, inside)
    return isNeverTracked(inside) ? [] : [inside]
  })
}

function readPieces(file: string, onPiece: (bytes: Uint8Array) => void): void {
  const descriptor = openSync(file, 'r')
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    for (;;) {
      const length = readSync(descriptor, piece)
      if (length === 0) return
      onPiece(piece.subarray(0, length))
    }
  } finally {
    closeSync(descriptor)
  }
}
