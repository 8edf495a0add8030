import { lstatSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { REPOSITORY_FOLDER } from '../repository/repository.ts'

/**
 * Returns the time by the clock that gives files their times, in nanoseconds since 1970 UTC: that of a
 * server can differ from ours. Where nothing can be written it is our clock.
 *
 * @param root - The working tree
 */
export function fileSystemClock(root: string): bigint {
  const file = path.join(root, REPOSITORY_FOLDER, 'local', 'clock')
  try {
    writeFileSync(file, '.')
    return lstatSync(file, { bigint: true }).mtimeNs
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return BigInt(Date.now()) * 1_000_000n
  }
}
