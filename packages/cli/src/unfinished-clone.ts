import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { localConfigFile, REPOSITORY_FOLDER } from '@dsv/core'
import { ROOT_PATH } from '@dsv/store'

/**
 * Notes in a folder that it is being cloned into, until {@link endClone}. What is killed in between can
 * be told from a folder that is somebody's.
 *
 * @param url - Where from
 */
export function beginClone(root: string, url: string): void {
  mkdirSync(path.dirname(markOf(root)), { recursive: true })
  writeFileSync(markOf(root), `${url}\n`)
}

/** Takes the note away: the clone is whole. */
export function endClone(root: string): void {
  rmSync(markOf(root), { force: true })
}

/** Returns whether a folder may be cloned into: it is empty, or was being cloned from there. */
export function canClone(root: string, url: string): boolean {
  if (!existsSync(root)) return true
  const names = readdirSync(root)
  const isBegun = existsSync(path.join(root, REPOSITORY_FOLDER, ROOT_PATH))
  if (!isBegun && names.every((name) => name === REPOSITORY_FOLDER)) return true
  return existsSync(markOf(root)) && readFileSync(markOf(root), 'utf8') === `${url}\n`
}

/** Beside the settings of this machine; no other command asks for it. */
function markOf(root: string): string {
  return path.join(path.dirname(localConfigFile(root)), 'cloning')
}
