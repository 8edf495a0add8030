import { cpSync, constants, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { foldersAbove } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'

/** What a scratch folder is made for. */
export interface ScratchRequest {
  /** The root of the working tree. */
  readonly root: string
  /** Where the scratch folder shall be; nothing is there. */
  readonly folder: string
  /** Where the command runs. */
  readonly workingFolder: string
  /** What it writes; those that persist are copied. */
  readonly outputs: readonly { readonly path: string; readonly persists: boolean }[]
}

/** Never linked: what runs in the scratch folder must not take it for a repository. */
const NOT_LINKED = new Set(['.dsv', '.git'])

/**
 * Makes a shadow of the working tree: folders on the way to what is written are real, outputs are not there, and
 * everything beside is a link to the working tree.
 */
export function makeScratchFolder({ root, folder, workingFolder, outputs }: ScratchRequest): void {
  const made = new Map(outputs.map((output) => [output.path, output]))
  const real = new Set(
    [`${workingFolder}/.`, ...outputs.map((output) => output.path)].flatMap(foldersAbove),
  )
  for (const inside of [...real].toSorted((a, b) => a.length - b.length)) {
    mkdirSync(path.join(folder, inside), { recursive: true })
    for (const name of namesIn(path.join(root, inside))) {
      if (inside === '' && NOT_LINKED.has(name)) continue
      const each = inside === '' ? name : `${inside}/${name}`
      const from = path.join(root, each)
      const to = path.join(folder, each)
      const output = made.get(each)
      if (output === undefined) {
        if (!real.has(each)) symlinkSync(from, to)
      } else if (output.persists) {
        // The command may change it where it is, so it gets bytes of its own.
        cpSync(from, to, {
          recursive: true,
          mode: constants.COPYFILE_FICLONE,
          verbatimSymlinks: true,
          preserveTimestamps: true,
        })
      }
    }
  }
}

/** Removes a scratch folder. Links are removed, not followed. */
export function removeScratchFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

function namesIn(folder: string): readonly string[] {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : []
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}
