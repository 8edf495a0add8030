import { createHash } from 'node:crypto'
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import path from 'node:path'

const PIECE = Buffer.allocUnsafe(1 << 20)

/**
 * Returns one SHA-256 over the names, kinds and bytes of everything below `folder`. It is the oracle
 * of the benchmark, so it shares no code with what it judges.
 */
export function folderDigest(folder, { skip = [] } = {}) {
  const hash = createHash('sha256')
  for (const inside of listFiles(folder, skip)) {
    const file = path.join(folder, inside)
    const stat = lstatSync(file)
    hash.update(`${inside}\0${stat.isSymbolicLink() ? 'link' : 'file'}\0`)
    if (stat.isSymbolicLink()) hash.update(readlinkSync(file))
    else hash.update(fileDigest(file))
  }
  return hash.digest('hex')
}

/** Returns the paths of all files below `folder`, sorted. */
export function listFiles(folder, skip = []) {
  const found = []
  const walk = (inside) => {
    for (const entry of readdirSync(path.join(folder, inside), { withFileTypes: true })) {
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`
      if (skip.includes(name)) continue
      if (entry.isDirectory()) walk(name)
      else found.push(name)
    }
  }
  walk('')
  return found.toSorted((a, b) => (a < b ? -1 : 1))
}

function fileDigest(file) {
  const hash = createHash('sha256')
  const descriptor = openSync(file, 'r')
  for (let n = readSync(descriptor, PIECE); n > 0; n = readSync(descriptor, PIECE))
    hash.update(PIECE.subarray(0, n))
  closeSync(descriptor)
  return hash.digest()
}
