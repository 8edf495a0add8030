import { contentIdOf, type Repository, storeFolder } from '@dsv/core'

/**
 * Returns the id of a file or folder on disk that is not kept.
 *
 * @param place - Absolute path of it
 * @param name - What errors call it
 */
export async function diskId(repository: Repository, place: string, name: string): Promise<string> {
  return repository.draft(async ({ session }) =>
    contentIdOf(session, await storeFolder(repository, session, place, name)),
  )
}
