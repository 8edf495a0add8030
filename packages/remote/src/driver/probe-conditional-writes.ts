import { randomUUID } from 'node:crypto'
import { encodeCanonical, isDsvError, type StorageDriver } from '@dsv/store'
import { remoteUnsafe } from '../errors.ts'

/** What {@link probeConditionalWrites} needs of a storage. */
export type ConditionalWrites = Pick<
  StorageDriver,
  'location' | 'replaceIf' | 'readVersioned' | 'delete'
>

/** How many write at once when it is seen whether only one wins. */
const WRITERS = 4

/**
 * Finds out whether a storage heeds the conditions that keep two writers apart: some gateways accept a
 * write that they should refuse. Writes one file of a random name below `sessions/`, and deletes it.
 * Costs about a dozen requests.
 *
 * @throws `DSV_REMOTE_UNSAFE` when it does not heed them, and what the storage throws
 */
export async function probeConditionalWrites(driver: ConditionalWrites): Promise<void> {
  // What a crash leaves there goes with the leases of dead writers.
  const sessionId = randomUUID()
  const path = `sessions/${sessionId}`
  // A server that checks what it is given takes only leases there.
  const bytesOf = (probe: string): Buffer =>
    Buffer.from(encodeCanonical({ sessionId, purpose: 'write', probe }))
  const write = (expected: string | undefined, text: string): Promise<string> =>
    driver.replaceIf(path, expected, bytesOf(text))
  const expectRefused = async (expected: string | undefined, problem: string): Promise<void> => {
    if ((await wins(write(expected, problem))) !== undefined) {
      throw remoteUnsafe(driver.location, problem)
    }
  }
  const expectHolds = async (text: string, version: string): Promise<void> => {
    const found = await driver.readVersioned(path)
    const problem = 'it does not show what was just written'
    if (found === undefined || !bytesOf(text).equals(found.bytes)) {
      throw remoteUnsafe(driver.location, problem)
    }
    if (found.version !== version) {
      throw remoteUnsafe(driver.location, 'reading and writing tell different versions')
    }
  }
  const first = await write(undefined, 'one')
  try {
    await expectRefused(undefined, 'it overwrites a file that must not exist')
    await expectHolds('one', first)
    const second = await write(first, 'two')
    await expectRefused(first, 'it overwrites a file that has changed')
    await expectHolds('two', second)
    const last = await raceWriters(driver.location, (text) => write(second, text))
    await driver.delete(path)
    await expectRefused(last, 'it replaces a file that is gone')
  } finally {
    await driver.delete(path)
  }
}

/** Returns the version of the one who won. */
async function raceWriters(
  location: string,
  write: (text: string) => Promise<string>,
): Promise<string> {
  const writers = Array.from({ length: WRITERS }, (_, index) => wins(write(`writer ${index}`)))
  const [winner, ...others] = (await Promise.all(writers)).filter((won) => won !== undefined)
  if (winner === undefined) throw remoteUnsafe(location, 'of writers at the same time none wins')
  if (others.length > 0) throw remoteUnsafe(location, 'of writers at the same time several win')
  return winner
}

/** Undefined for a write that was refused. */
async function wins(write: Promise<string>): Promise<string | undefined> {
  try {
    return await write
  } catch (error) {
    if (isDsvError(error, 'DSV_STORAGE_CONFLICT')) return undefined
    throw error
  }
}
