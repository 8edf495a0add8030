import { isDsvError, type DsvError, type StorageDriver } from '@dsv/store'
import { remoteUnreachable } from '../errors.ts'
import { probeConditionalWrites } from './probe-conditional-writes.ts'

/** What {@link checkRemote} found out. */
export interface RemoteCheck {
  /** Whether there is a repository; undefined when nobody answered. */
  readonly isBegun: boolean | undefined
  /** What kept it from finding out more: no connection, no right to read or write. */
  readonly problem: DsvError | undefined
}

/** Settings of {@link checkRemote}. */
export interface CheckRemoteOptions {
  /** Whether to write, to see that the storage heeds conditions. */
  readonly write: boolean
  /** How long it may take in milliseconds; 15,000 by default. */
  readonly waitMs?: number
}

/**
 * Looks whether a storage can be reached, and whether it is safe to push to. That it cannot be reached or
 * may only be read is no failure: that may change, or be meant.
 *
 * @throws `DSV_REMOTE_UNSAFE` when it ignores the conditions that keep two writers apart
 */
export async function checkRemote(
  storage: StorageDriver,
  { write, waitMs = 15_000 }: CheckRemoteOptions,
): Promise<RemoteCheck> {
  let isBegun: boolean | undefined
  const look = async (): Promise<void> => {
    isBegun = (await storage.readVersioned('root')) !== undefined
    if (write) await probeConditionalWrites(storage)
  }
  try {
    await within(waitMs, storage.location, look())
    return { isBegun, problem: undefined }
  } catch (error) {
    if (!isDsvError(error) || error.code === 'DSV_REMOTE_UNSAFE') throw error
    return { isBegun, problem: error }
  }
}

async function within(waitMs: number, location: string, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const problem = `no answer within ${waitMs / 1000} seconds`
    timer = setTimeout(() => reject(remoteUnreachable(location, problem, undefined)), waitMs)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
