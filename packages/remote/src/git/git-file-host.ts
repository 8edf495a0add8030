import fs from 'node:fs'
import path from 'node:path'
import { storageDenied, storageFailed, systemErrorCode } from '@dsv/store'
import { gitLocations } from '../dvc/git-locations.ts'
import { gitObjects } from '../dvc/git-objects.ts'
import { gitFailed, gitNotFound } from '../errors.ts'
import { addPack } from './add-pack.ts'
import type { GitHost } from './git-host.ts'

const LOCK_TRIES = 200

/**
 * Opens a ref of a Git repository on this machine. Moves it the way Git does, with `<ref>.lock`, so that
 * Git and others may write at the same time.
 *
 * @throws `DSV_GIT_NOT_FOUND`, `DSV_GIT_FAILED`
 */
export function gitFileHost(folder: string, ref: string): GitHost {
  const locations = gitLocations(folder)
  if (locations === undefined) throw gitNotFound(folder)
  const { refs, objects } = locations
  const config = readText(path.join(refs, 'config')) ?? ''
  if (/^\s*refstorage\s*=\s*reftable/im.test(config)) {
    throw gitFailed(folder, 'its refs are kept in reftable, which is not supported')
  }
  if (/^\s*objectformat\s*=\s*sha256/im.test(config)) {
    throw gitFailed(folder, 'its ids are SHA-256, which is not supported')
  }
  const file = path.join(refs, ref)

  function tip(): string | undefined {
    const loose = readText(file)?.trim()
    if (loose !== undefined) {
      if (!/^[0-9a-f]{40}$/.test(loose)) throw gitFailed(folder, `${ref} is no commit`)
      return loose
    }
    const packed = readText(path.join(refs, 'packed-refs')) ?? ''
    const line = packed.split('\n').find((each) => each.endsWith(` ${ref}`))
    return line?.slice(0, 40)
  }

  return {
    objects: gitObjects(fs, objects, folder),
    requests: 0,
    tip: async () => tip(),
    fetch: async () => true,
    beginPush: async () => {
      const expected = tip()
      return {
        tip: expected,
        async send({ commitId, pack }) {
          const lock = `${file}.lock`
          try {
            await addPack(refs, pack)
            const descriptor = await takeLock(lock)
            try {
              if (tip() !== expected) return false
              fs.writeSync(descriptor, `${commitId}\n`)
              fs.fsyncSync(descriptor)
              fs.renameSync(lock, file)
              return true
            } finally {
              fs.closeSync(descriptor)
              fs.rmSync(lock, { force: true })
            }
          } catch (error) {
            const code = systemErrorCode(error)
            if (code === undefined) throw error
            const isDenied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
            throw isDenied ? storageDenied(folder, error) : storageFailed(folder, error)
          }
        },
      }
    },
  }
}

async function takeLock(lock: string): Promise<number> {
  fs.mkdirSync(path.dirname(lock), { recursive: true })
  for (let left = LOCK_TRIES; ; left -= 1) {
    try {
      return fs.openSync(lock, 'wx')
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST' || left === 0) throw error
    }
    await new Promise((resolve) => void setTimeout(resolve, 5 + Math.random() * 20))
  }
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined
    throw error
  }
}
