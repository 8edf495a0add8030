import { isDsvError, type WriteSession } from '@dsv/store'
import type { Snapshot } from '../record/commit-record.ts'
import { stageWorkingTree } from '../stage/stage-working-tree.ts'
import { storeFolder } from '../stage/store-folder.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { recognizePart } from './recognize-part.ts'
import type { Repository } from './repository.ts'

/** A file or folder of the working tree as it is now, in a snapshot. */
export interface WorkingPart {
  readonly snapshot: Snapshot
  /** Where in the snapshot it is. */
  readonly at: string
}

/**
 * Stores what files and folders of the working tree hold now, and reads datasets, as `add` does; what is staged
 * stays as it is.
 *
 * @throws what `add` throws
 */
export async function workingParts(
  repository: Repository,
  session: WriteSession,
  paths: readonly string[],
): Promise<readonly WorkingPart[]> {
  const state = await repository.state()
  const publish = async (): Promise<void> => {
    throw new Error('Working parts are not staged.')
  }
  const partOf = async (path: string): Promise<WorkingPart> =>
    withKnownBlobs(
      repository,
      async (known) => {
        try {
          const request = { paths: [path] }
          const transaction = { state, session, publish }
          const { stage } = await stageWorkingTree(repository, transaction, known, request)
          return { snapshot: stage, at: path }
        } catch (error) {
          // What rules leave out is no part of the stage, but can be read.
          if (!isDsvError(error, 'DSV_PATH_IGNORED')) throw error
          const place = `${repository.folder}/${path}`
          const files = await storeFolder(repository, session, place, path)
          const part = await recognizePart(repository, session, files, { name: path })
          return { snapshot: part, at: '' }
        }
      },
      { isKept: false },
    )
  const parts: WorkingPart[] = []
  for (const path of paths) parts.push(await partOf(path))
  return parts
}
