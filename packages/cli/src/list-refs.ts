import path from 'node:path'
import { findRepository, REPOSITORY_FOLDER } from '@dsv/core'
import { folderDriver, Store } from '@dsv/store'
import { DONE } from './command.ts'
import type { CommandIo } from './io.ts'

/** Prints branches and tags, for completion: loads neither the parser of options nor formats. */
export async function listRefs(io: CommandIo): Promise<number> {
  const root = findRepository(io.folder)
  if (root === undefined) return DONE
  const store = await Store.open(folderDriver(path.join(root, REPOSITORY_FOLDER)))
  try {
    const { refs } = await store.readRoot()
    for (const name of refs.keys()) {
      const short = name.replace(/^refs\/(?:heads|tags|remotes)\//u, '')
      if (short !== name) io.out(`${short}\n`)
    }
  } finally {
    await store.close()
  }
  return DONE
}
