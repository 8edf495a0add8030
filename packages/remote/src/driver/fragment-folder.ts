import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { hashBlob, type StoragePath, systemErrorCode } from '@dsv/store'

/** Index fragments of a remote on this machine, so that each goes over the network once. */
export interface FragmentFolder {
  /** Returns a fragment that is whole, or undefined. */
  read(path: StoragePath): Uint8Array | undefined
  keep(path: StoragePath, bytes: Uint8Array): void
}

/** The bytes of a fragment have its name as their BLAKE3. */
const FRAGMENT = /^objects\/index\/([0-9a-f]{64})\.idx$/

/** Opens a folder of fragments, and deletes those that are not live any more, by name. */
export function fragmentFolder(folder: string, live: readonly string[]): FragmentFolder {
  const isLive = new Set(live.map((name) => `${name}.idx`))
  orNothing(() => {
    for (const name of fs.readdirSync(folder))
      if (!isLive.has(name)) fs.rmSync(path.join(folder, name), { force: true })
  })
  return {
    read: (fragment) => {
      const name = FRAGMENT.exec(fragment)?.[1]
      const bytes = name && orNothing(() => fs.readFileSync(path.join(folder, `${name}.idx`)))
      return bytes && hashBlob(bytes).toString() === name ? bytes : undefined
    },
    keep: (fragment, bytes) => {
      const name = FRAGMENT.exec(fragment)?.[1]
      if (name === undefined) return
      orNothing(() => {
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
        const temporary = path.join(folder, randomUUID())
        fs.writeFileSync(temporary, bytes)
        fs.renameSync(temporary, path.join(folder, `${name}.idx`))
      })
    },
  }
}

/** What cannot be kept or read here is asked of the remote. */
function orNothing<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return undefined
  }
}
