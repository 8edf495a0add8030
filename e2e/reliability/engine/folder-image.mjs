import fs from 'node:fs'
import path from 'node:path'

/**
 * Returns what lies below `folder`: relative path → `{ type, bytes, mode, target }`. Paths for which
 * `isLeftOut` holds do not count.
 */
export function readImage(folder, isLeftOut = () => false) {
  const image = new Map()
  const walk = (inside) => {
    for (const entry of fs.readdirSync(path.join(folder, inside), { withFileTypes: true })) {
      const at = inside === '' ? entry.name : `${inside}/${entry.name}`
      const file = path.join(folder, at)
      if (isLeftOut(at)) continue
      if (entry.isDirectory()) {
        image.set(at, { type: 'folder' })
        walk(at)
      } else if (entry.isSymbolicLink()) {
        image.set(at, { type: 'link', target: fs.readlinkSync(file) })
      } else {
        const { mode } = fs.statSync(file)
        image.set(at, { type: 'file', bytes: fs.readFileSync(file), mode })
      }
    }
  }
  walk('')
  return image
}

/** Makes `folder` hold exactly what the image says. */
export function writeImage(folder, image) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  for (const [at, node] of image) {
    const file = path.join(folder, at)
    fs.mkdirSync(node.type === 'folder' ? file : path.dirname(file), { recursive: true })
    if (node.type === 'link') fs.symlinkSync(node.target, file)
    if (node.type === 'file') fs.writeFileSync(file, node.bytes, { mode: node.mode })
    makeOld(at, file)
  }
}

/** A lock that says nothing of its owner is waited for, for five seconds: makes that they are over. */
export function ageLocks(folder) {
  const inside = path.join(folder, '.dsv')
  for (const name of fs.readdirSync(inside, { recursive: true })) {
    makeOld(name, path.join(inside, name))
  }
}

function makeOld(at, file) {
  const isLock = /\.(?:lock|break)$|\/checkout\.json$/.test(at)
  if (isLock) fs.utimesSync(file, 1_000_000_000, 1_000_000_000)
}

/** The Level cache is written by native code and can be missing at any time. */
export function isCache(at) {
  return at === '.dsv/local/cache' || at.startsWith('.dsv/local/cache/')
}
