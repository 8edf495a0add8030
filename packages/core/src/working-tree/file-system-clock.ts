import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
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
    // Not cut to nothing first: the file keeps its block, so that none has to be found and freed.
    const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT)
    try {
      writeSync(descriptor, '.')
      return fstatSync(descriptor, { bigint: true }).mtimeNs
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return BigInt(Date.now()) * 1_000_000n
  }
}
