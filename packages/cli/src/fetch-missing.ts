import { localConfigFile, readPartialClone, type Repository } from '@dsv/core'
import { bringBlobs, findRemote, mediaUnavailable } from '@dsv/remote'
import { type BlobId, isDsvError, systemErrorCode } from '@dsv/store'
import type { CommandIo } from './io.ts'
import { withRemote } from './with-remote.ts'

/**
 * Gets blobs that a partial clone lacks from the remote that it is a part of.
 *
 * @throws `DSV_MEDIA_UNAVAILABLE`
 */
export async function fetchMissing(
  repository: Repository,
  ids: readonly BlobId[],
  io: CommandIo,
): Promise<void> {
  const { folder } = repository
  const file = localConfigFile(folder)
  const { remote: name } = readPartialClone(file)
  try {
    await withRemote(findRemote(file, name), { base: folder, io }, async (opened) =>
      bringBlobs(repository, opened, ids),
    )
  } catch (error) {
    const isKnown = isDsvError(error) || systemErrorCode(error) !== undefined
    if (io.signal.aborted || !(isKnown && error instanceof Error)) throw error
    throw mediaUnavailable(name, ids.length, error)
  }
}
