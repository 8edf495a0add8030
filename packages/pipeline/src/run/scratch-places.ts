import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { REPOSITORY_FOLDER } from '@dsv/core'
import { ownerState, readOwner, systemErrorCode, thisOwner } from '@dsv/store'
import { endGroup } from './command-group.ts'
import { removeScratchFolder } from './scratch-folder.ts'

const FOLDER = `${REPOSITORY_FOLDER}/local/runs`
const OWNER = 'owner.json'
/** What another machine began is left alone for so long. */
const ELSEWHERE_MS = 7 * 24 * 3_600_000
/** A folder is made before it says whose it is. */
const UNNAMED_MS = 60_000

/** Runs `work` with a place below the repository where it may make a scratch folder; it is removed afterwards. */
export async function withScratchPlace<Result>(
  root: string,
  work: (place: string) => Promise<Result>,
): Promise<Result> {
  const folder = path.join(root, FOLDER, randomBytes(8).toString('hex'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, OWNER), JSON.stringify(thisOwner()))
  try {
    return await work(path.join(folder, 'tree'))
  } finally {
    removeScratchFolder(folder)
  }
}

/**
 * Removes what runs left that were killed; a command that outlived its run is ended before.
 *
 * @param onEnded - Told of each process group that was ended
 */
export async function removeOldScratch(
  root: string,
  onEnded: (group: number) => void,
): Promise<void> {
  for (const name of namesIn(path.join(root, FOLDER))) {
    const folder = path.join(root, FOLDER, name)
    if (!isLeft(folder)) continue
    const group = await endGroup(folder)
    if (group !== undefined) onEnded(group)
    removeScratchFolder(folder)
  }
}

function isLeft(folder: string): boolean {
  try {
    const ageMs = Date.now() - statSync(folder).mtimeMs
    let value: unknown
    try {
      value = JSON.parse(readFileSync(path.join(folder, OWNER), 'utf8'))
    } catch {
      return ageMs > UNNAMED_MS
    }
    const owner = typeof value === 'object' && value !== null ? readOwner(value) : undefined
    if (owner === undefined) return ageMs > UNNAMED_MS
    const state = ownerState(owner)
    return state === 'elsewhere' ? ageMs > ELSEWHERE_MS : state !== 'running'
  } catch (error) {
    // Its owner has removed it meanwhile.
    if (systemErrorCode(error) === 'ENOENT') return false
    throw error
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}
