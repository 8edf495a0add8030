import { operationInfo, type Repository } from '@dsv/core'
import type { BlobId } from '@dsv/store'
import { BlobList } from './blob-list.ts'
import { copyBlobs } from './copy-blobs.ts'
import type { RemoteRepository } from './remote-repository.ts'

/** So many blobs become part of the repository together: what is killed has brought those before. */
const BATCH = 16_384

/**
 * Stores blobs of a remote here, checked against their ids. Refs stay as they are, and what the remote
 * does not have is left out. Returns how many came.
 *
 * @throws what the storage throws
 */
export async function bringBlobs(
  local: Repository,
  remote: RemoteRepository,
  ids: readonly BlobId[],
): Promise<number> {
  const { environment, store } = local
  const { objects } = remote.store
  const { signal, onProgress } = environment
  const context = { reader: objects, ahead: remote.ahead, signal, onProgress }
  const missing = new BlobList()
  for (const id of ids) {
    signal.throwIfAborted()
    const info = await objects.info(id)
    if (info === undefined) continue
    missing.push({ id, sizeBytes: info.sizeBytes })
  }
  if (missing.length === 0) return 0
  await store.write(operationInfo(environment, `get media: ${remote.name}`), async (session) => {
    const atOnce = { afterBlobs: BATCH, after: async () => session.checkpoint() }
    await copyBlobs({ missing, ...atOnce }, session, context)
    await session.checkpoint()
  })
  return missing.length
}
