import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

const MUTATING = /[wa+]/
const { O_CREAT, O_TRUNC, O_WRONLY, O_RDWR } = fs.constants

/**
 * Replaces the system calls of `node:fs` for everything below `folder` until `stop` is called.
 * `before(call)` runs ahead of each call, `{ name, path, isWrite }`, and may throw in its place;
 * `after(operation)` is told each change that was made, in order.
 */
export function interceptFiles(folder, { before = () => {}, after = () => {} }) {
  const root = path.resolve(folder)
  const original = { ...fs }
  const originalSpawn = childProcess.spawnSync
  const open = new Map()
  const inside = (file) => {
    const absolute = path.resolve(String(file))
    if (absolute === root) return ''
    return absolute.startsWith(`${root}/`) ? absolute.slice(root.length + 1) : undefined
  }
  const intercept = (name, at, isWrite) => before({ name, path: at, isWrite })

  function opens(flags) {
    if (typeof flags === 'number') {
      const isWrite = (flags & (O_WRONLY | O_RDWR | O_CREAT)) !== 0
      return { isWrite, truncates: (flags & O_TRUNC) !== 0 }
    }
    return { isWrite: MUTATING.test(flags), truncates: flags.startsWith('w') }
  }

  fs.openSync = (file, flags = 'r', mode = 0o666) => {
    const at = inside(file)
    if (at === undefined) return original.openSync(file, flags, mode)
    const { isWrite, truncates } = opens(flags)
    intercept('open', at, isWrite)
    const existed = original.existsSync(file)
    const descriptor = original.openSync(file, flags, mode)
    open.set(descriptor, { at, position: 0 })
    if (isWrite && (!existed || truncates)) {
      const made = original.fstatSync(descriptor).mode
      after({ type: 'create', path: at, mode: made })
    }
    return descriptor
  }
  fs.closeSync = (descriptor) => {
    open.delete(descriptor)
    return original.closeSync(descriptor)
  }
  fs.writeSync = (descriptor, data, offset, length, position) => {
    const file = open.get(descriptor)
    if (file === undefined) return original.writeSync(descriptor, data, offset, length, position)
    intercept('write', file.at, true)
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    const start = typeof data === 'string' ? 0 : (offset ?? 0)
    const count = typeof data === 'string' ? bytes.length : (length ?? bytes.length - start)
    const at = typeof position === 'number' ? position : file.position
    const written = original.writeSync(
      descriptor,
      bytes,
      start,
      count,
      typeof position === 'number' ? position : null,
    )
    if (typeof position !== 'number') file.position += written
    const copy = Buffer.from(bytes.subarray(start, start + written))
    after({ type: 'write', path: file.at, position: at, bytes: copy })
    return written
  }
  fs.readSync = (descriptor, ...rest) => {
    const file = open.get(descriptor)
    if (file !== undefined) intercept('read', file.at, false)
    return original.readSync(descriptor, ...rest)
  }
  fs.fsyncSync = (descriptor) => {
    const file = open.get(descriptor)
    if (file === undefined) return original.fsyncSync(descriptor)
    intercept('fsync', file.at, true)
    // Nothing is asked of the disk: the model decides what is durable.
    after({ type: 'fsync', path: file.at })
  }
  const change = (name, call) => {
    fs[name] = (...args) => {
      const made = call(...args)
      if (made === undefined) return original[name](...args)
      intercept(name.replace(/Sync$/, ''), made.path ?? made.to, true)
      const result = original[name](...args)
      after(made)
      return result
    }
  }
  change('renameSync', (from, to) => {
    const [source, target] = [inside(from), inside(to)]
    return target === undefined ? undefined : { type: 'rename', from: source, to: target }
  })
  const onPath = (type) => (file) => {
    const at = inside(file)
    return at === undefined ? undefined : { type, path: at }
  }
  change('unlinkSync', onPath('unlink'))
  change('rmdirSync', onPath('rmdir'))
  change('rmSync', onPath('removeAll'))
  change('mkdirSync', onPath('mkdir'))
  change('symlinkSync', (target, file) => {
    const at = inside(file)
    return at === undefined ? undefined : { type: 'symlink', path: at, target }
  })
  change('chmodSync', (file, mode) => {
    const at = inside(file)
    return at === undefined ? undefined : { type: 'chmod', path: at, mode }
  })
  change('linkSync', (from, to) => {
    const [source, target] = [inside(from), inside(to)]
    return target === undefined ? undefined : { type: 'link', from: source, to: target }
  })
  fs.copyFileSync = (from, to, mode) => {
    const at = inside(to)
    if (at === undefined) return original.copyFileSync(from, to, mode)
    intercept('copyFile', at, true)
    original.copyFileSync(from, to, mode)
    after({ type: 'create', path: at, mode: original.statSync(to).mode })
    after({ type: 'write', path: at, position: 0, bytes: original.readFileSync(to) })
  }
  fs.writeFileSync = (file, data, options) => {
    const at = inside(file)
    if (at === undefined || typeof file === 'number') {
      return original.writeFileSync(file, data, options)
    }
    intercept('writeFile', at, true)
    original.writeFileSync(file, data, options)
    after({ type: 'create', path: at, mode: original.statSync(file).mode })
    after({ type: 'write', path: at, position: 0, bytes: original.readFileSync(file) })
  }
  childProcess.spawnSync = (program, args, options) => {
    const at = program === 'sync' ? inside(args?.at(-1)) : undefined
    if (at === undefined) return originalSpawn(program, args, options)
    intercept('syncAll', at, true)
    after({ type: 'syncAll' })
    return { status: 0 }
  }
  syncBuiltinESMExports()

  return {
    stop() {
      for (const [name, value] of Object.entries(original)) {
        if (typeof value === 'function' && fs[name] !== value) fs[name] = value
      }
      childProcess.spawnSync = originalSpawn
      syncBuiltinESMExports()
    },
  }
}

/** Runs `work` as a process of that number, which does not run any more when it is looked for later. */
export async function asDeadProcess(work) {
  const { pid } = process
  const pretend = (value) =>
    Object.defineProperty(process, 'pid', { value, configurable: true, writable: true })
  // One below the largest number that Linux hands out; machines that count so far are rare.
  pretend(4_194_303)
  try {
    return await work()
  } finally {
    pretend(pid)
  }
}
