import {
  chmodSync,
  constants,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import path from 'node:path'
import { foldersAbove } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { moveMade } from './move-made.ts'

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
  const real = realFolders({ workingFolder, outputs })
  for (const inside of real) {
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

/** The folders on the way, outermost first. */
function realFolders({
  workingFolder,
  outputs,
}: Pick<ScratchRequest, 'workingFolder' | 'outputs'>): ReadonlySet<string> {
  const places = outputs.map((output) => output.path)
  if (workingFolder !== '') places.push(`${workingFolder}/.`)
  const folders = ['', ...places.flatMap(foldersAbove)]
  return new Set(folders.toSorted((a, b) => a.length - b.length))
}

/**
 * Moves what a command has made beside its outputs, and declares nowhere, to where it would lie had the command run in
 * the working tree. Nothing is written over: returns the paths that were moved, and those where something is already.
 */
export function moveUndeclared(request: ScratchRequest): {
  readonly moved: readonly string[]
  readonly left: readonly string[]
} {
  const { root, folder, outputs } = request
  const real = realFolders(request)
  const made = new Set(outputs.map((output) => output.path))
  const [moved, left]: [string[], string[]] = [[], []]
  for (const inside of real)
    for (const name of namesIn(path.join(folder, inside))) {
      const each = inside === '' ? name : `${inside}/${name}`
      const from = path.join(folder, each)
      if (real.has(each) || made.has(each) || isOwnLink(from, path.join(root, each))) continue
      const to = path.join(root, each)
      if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) left.push(each)
      else {
        mkdirSync(path.dirname(to), { recursive: true })
        moveMade(from, to)
        moved.push(each)
      }
    }
  return { moved, left }
}

function isOwnLink(place: string, target: string): boolean {
  return lstatSync(place).isSymbolicLink() && readlinkSync(place) === target
}

/** Removes a scratch folder. Links are removed, not followed. */
export function removeScratchFolder(folder: string): void {
  const options = { recursive: true, force: true, maxRetries: 3 }
  try {
    rmSync(folder, options)
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(systemErrorCode(error) ?? '')) throw error
    allowRemoval(folder)
    rmSync(folder, options)
  }
}

/** A command may have taken the permission to write away from folders that it made. */
function allowRemoval(folder: string): void {
  chmodSync(folder, 0o700)
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) allowRemoval(path.join(folder, entry.name))
}

function namesIn(folder: string): readonly string[] {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : []
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}
