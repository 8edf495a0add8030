import { editTree } from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { encodePath } from '../record/file-record.ts'
import type { Repository } from '../repository/repository.ts'
import { afterMove } from '../stage/work-state.ts'
import { readIgnoreRules } from '../working-tree/ignore-rules.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { scanPaths } from '../working-tree/scan-paths.ts'

/**
 * Writes the media that the working tree of a partial clone lacks and its filter chooses, after getting
 * those that are not stored. Other files stay as they are.
 *
 * @throws what getting them throws
 */
export async function fillMedia(repository: Repository): Promise<void> {
  await withKnownBlobs(repository, async (known) =>
    repository.write('get media', async (transaction) => {
      const { state, session } = transaction
      const { stage } = state.work
      const absent: string[] = []
      const changes = scanPaths(stage.files, [''], {
        root: repository.folder,
        reader: session,
        known,
        isIgnored: readIgnoreRules(repository.folder),
        signal: repository.environment.signal,
        onAbsent: (path) => absent.push(path),
      })
      for await (const _ of changes);
      if (absent.length === 0) return
      const edits = absent.map((path) => ({ key: encodePath(path), entry: undefined }))
      const from = await editTree(session, stage.files, edits)
      const move = { from, to: stage.files, datasets: stage.datasets }
      await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
        transaction.publish({ work: afterMove(state.work, moved) }),
      )
    }),
  )
}
