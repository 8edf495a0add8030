import { readFileSync } from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { LOCK_FILE, readLock } from './lock-file.ts'
import type { PipelineReader } from '../read/pipeline-reader.ts'
import type { PipelineLock } from './stage-record.ts'

/** Reads the lock of the working tree at `root`; without one nothing was run. @throws `DSV_LOCK_INVALID` */
export function readLockFile(root: string): PipelineLock {
  let text: string
  try {
    text = readFileSync(path.join(root, LOCK_FILE), 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return new Map()
    throw error
  }
  const known = last
  if (known?.text === text) return known.lock
  const lock = readLock(text)
  last = { text, lock }
  return lock
}

/** Reads the lock of whatever a reader reads; without one nothing was run. @throws `DSV_LOCK_INVALID` */
export async function lockOf(reader: PipelineReader): Promise<PipelineLock> {
  const bytes = await reader.read(LOCK_FILE)
  return bytes === undefined ? new Map() : readLock(Buffer.from(bytes).toString('utf8'))
}

/** A run reads what it has just written, again and again. */
let last: { readonly text: string; readonly lock: PipelineLock } | undefined
