import {
  decodeCanonical,
  encodeCanonical,
  type BlobId,
  type ObjectReader,
  type ObjectStore,
} from '@dsv/store'
import { recordMalformed } from '../errors.ts'
import type { Conflict } from '../merge/conflict.ts'
import { isConflict } from '../merge/conflict.ts'
import type { WorkState } from './work-state.ts'

/** Returns the conflicts of the stage that nobody has settled yet. @throws `DSV_RECORD_CORRUPT` */
export async function readConflicts(
  reader: ObjectReader,
  work: WorkState,
): Promise<readonly Conflict[]> {
  if (work.merge === undefined) return []
  const list = decodeCanonical(await reader.getBlob(work.merge.conflicts))
  if (!Array.isArray(list)) throw recordMalformed('The list of conflicts', 'it is not a list')
  return list.map((each: unknown) => {
    if (!isConflict(each))
      throw recordMalformed('The list of conflicts', 'one of them is malformed')
    return each
  })
}

/** Stores conflicts in the order in which they are shown. */
export async function writeConflicts(
  store: ObjectStore,
  conflicts: readonly Conflict[],
): Promise<BlobId> {
  return store.putBlob(encodeCanonical(conflicts))
}
