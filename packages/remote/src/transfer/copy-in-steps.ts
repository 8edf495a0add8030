import type { ObjectWriteSession, OperationInfo, Store } from '@dsv/store'
import { copyBlobs } from './copy-blobs.ts'
import type { TransferContext, TransferPlan } from './copy-commits.ts'
import { packBytesOf, STEP_PACKS } from './expected-requests.ts'

/**
 * Stores the blobs of a plan. Those of a large one become part of the repository step by step, so that
 * a transfer that was killed goes on where it was. They get a session of their own: `session` holds
 * objects that link to what is not there before all have arrived.
 */
export async function copyInSteps(
  plan: TransferPlan,
  session: ObjectWriteSession,
  context: TransferContext,
  { store, info }: { readonly store: Store; readonly info: OperationInfo },
): Promise<void> {
  const afterBytes = STEP_PACKS * packBytesOf(store)
  if (plan.blobBytes <= afterBytes) return copyBlobs(plan, session, context)
  return store.write(info, async (blobs) => {
    const after = async (): Promise<void> => blobs.checkpoint()
    await copyBlobs({ ...plan, after, afterBytes }, blobs, context)
    await blobs.checkpoint()
  })
}
