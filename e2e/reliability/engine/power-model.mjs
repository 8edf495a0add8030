import path from 'node:path'

/**
 * A file system that knows what is durable. It begins with an image, all of it durable, and is told the
 * changes that were recorded. What a power cut leaves is more cruel than any real file system:
 *
 * - bytes are durable when the file was flushed after they were written;
 * - a name (made, renamed or deleted) is durable when its folder was flushed afterwards.
 */
export function powerModel(image) {
  const names = new Map()
  for (const [at, node] of image) {
    const own = { ...node, flushed: node.bytes }
    names.set(at, own)
  }
  let durable = new Map(names)

  const parentOf = (at) => {
    const parent = path.posix.dirname(at)
    return parent === '.' ? '' : parent
  }
  function flushFolder(folder) {
    for (const at of new Set([...names.keys(), ...durable.keys()])) {
      if (parentOf(at) !== folder) continue
      const node = names.get(at)
      if (node === undefined) durable.delete(at)
      else durable.set(at, node)
    }
  }
  function makeFolders(at) {
    for (let folder = at; folder !== ''; folder = parentOf(folder)) {
      if (!names.has(folder)) names.set(folder, { type: 'folder' })
    }
  }
  function apply(operation) {
    const { type, path: at } = operation
    switch (type) {
      case 'create': {
        makeFolders(parentOf(at))
        const node = names.get(at)
        if (node?.type === 'file') node.bytes = Buffer.alloc(0)
        else {
          const { mode } = operation
          names.set(at, { type: 'file', bytes: Buffer.alloc(0), mode, flushed: undefined })
        }
        break
      }
      case 'write': {
        const node = names.get(at)
        if (node === undefined) break
        const { position, bytes } = operation
        const grown = Buffer.alloc(Math.max(node.bytes.length, position + bytes.length))
        node.bytes.copy(grown)
        bytes.copy(grown, position)
        node.bytes = grown
        break
      }
      case 'fsync': {
        const node = names.get(at)
        if (at === '' || node?.type === 'folder') flushFolder(at)
        else if (node !== undefined) node.flushed = node.bytes
        break
      }
      case 'syncAll':
        for (const node of names.values()) if (node.type === 'file') node.flushed = node.bytes
        durable = new Map(names)
        break
      case 'rename': {
        const node = names.get(operation.from)
        makeFolders(parentOf(operation.to))
        names.delete(operation.from)
        if (node !== undefined) names.set(operation.to, node)
        break
      }
      case 'link': {
        const node = names.get(operation.from)
        makeFolders(parentOf(operation.to))
        if (node !== undefined) names.set(operation.to, node)
        break
      }
      case 'symlink':
        makeFolders(parentOf(at))
        names.set(at, { type: 'link', target: operation.target })
        break
      case 'unlink':
      case 'rmdir':
        names.delete(at)
        break
      case 'removeAll':
        for (const each of names.keys()) {
          if (each === at || each.startsWith(`${at}/`)) names.delete(each)
        }
        break
      case 'mkdir':
        makeFolders(at)
        break
      case 'chmod': {
        const node = names.get(at)
        if (node !== undefined) node.mode = operation.mode
        break
      }
      default:
        throw new Error(`There is no operation ${type}.`)
    }
  }

  /** What everybody sees who asks the running system: what a killed process leaves. */
  function seen() {
    return imageOf(names, (node) => node.bytes)
  }
  /** What is left when nothing was kept that was not flushed. */
  function strict() {
    return imageOf(durable, (node) => node.flushed ?? Buffer.alloc(0))
  }
  /** Names are kept, bytes that were not flushed are not: the file is empty, or full of zeros. */
  function namesOnly(fill) {
    return imageOf(names, (node) => {
      if (node.flushed === node.bytes) return node.bytes
      return fill === 'zeros' ? Buffer.alloc(node.bytes.length) : Buffer.alloc(0)
    })
  }
  /** Each name and each file is kept or not, as chance has it. */
  function random(chance) {
    const kept = new Map()
    for (const at of new Set([...names.keys(), ...durable.keys()])) {
      const node = (chance() < 0.5 ? names : durable).get(at)
      if (node !== undefined) kept.set(at, node)
    }
    return imageOf(kept, (node) => {
      if (node.flushed === node.bytes) return node.bytes
      const choice = Math.floor(chance() * 4)
      if (choice === 0) return node.bytes
      if (choice === 1) return node.flushed ?? Buffer.alloc(0)
      if (choice === 2) return node.bytes.subarray(0, Math.floor(chance() * node.bytes.length))
      return Buffer.alloc(node.bytes.length)
    })
  }
  return { apply, seen, strict, namesOnly, random }
}

/** A file whose folder is gone is gone too. */
function imageOf(names, bytesOf) {
  const image = new Map()
  const sorted = [...names.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  for (const at of sorted) {
    const parent = path.posix.dirname(at)
    if (parent !== '.' && image.get(parent)?.type !== 'folder') continue
    const node = names.get(at)
    image.set(at, node.type === 'file' ? { ...node, bytes: bytesOf(node) } : node)
  }
  return image
}
