import { chmodSync, lstatSync, renameSync } from 'node:fs'
import { systemErrorCode } from '@dsv/store'

/** Moves a file or folder. A folder that nobody may write to is moved too, and stays so. */
export function moveMade(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    const stat = lstatSync(from)
    if (systemErrorCode(error) !== 'EACCES' || !stat.isDirectory()) throw error
    // A folder that gets another parent is written to.
    chmodSync(from, 0o700)
    try {
      renameSync(from, to)
    } catch (second) {
      chmodSync(from, stat.mode)
      throw second
    }
    chmodSync(to, stat.mode)
  }
}
