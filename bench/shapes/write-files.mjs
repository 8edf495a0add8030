import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'

/** Returns a writer of files below `folder` that makes each folder on the way once. */
export function fileWriter(folder) {
  const made = new Set()
  return (inside, bytes) => {
    const file = path.join(folder, inside)
    const parent = path.dirname(file)
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true })
      made.add(parent)
    }
    writeFileSync(file, bytes)
  }
}

/** Opens a text file that is written in pieces of about a megabyte. */
export function openTextFile(file) {
  mkdirSync(path.dirname(file), { recursive: true })
  const descriptor = openSync(file, 'w')
  let pending = ''
  const flush = () => {
    writeSync(descriptor, pending)
    pending = ''
  }
  return {
    write(text) {
      pending += text
      if (pending.length > 1 << 20) flush()
    },
    close() {
      flush()
      closeSync(descriptor)
    },
  }
}
