import { checkoutGoingOn } from '../checkout/checkout-journal.ts'
import { stageMoved } from '../errors.ts'
import type { StageOutcome, StageRequest } from '../stage/stage-working-tree.ts'
import { stageWorkingTree } from '../stage/stage-working-tree.ts'
import { agreeAfter } from '../working-tree/agree-after.ts'
import { type KeptBlobs, withKnownBlobs } from '../working-tree/known-blobs.ts'
import type { Repository } from './repository.ts'
import { describePaths } from './describe-paths.ts'

/**
 * Stages what changed under the paths of `request`: stores new bytes and reads datasets whose files
 * changed. What the working tree holds stays as it is.
 *
 * @throws `DSV_PATH_UNKNOWN`, `DSV_PATH_IGNORED`, `DSV_LINK_LEAVES_TREE`, `DSV_FILE_CHANGED`,
 *   `DSV_FORMAT_UNKNOWN`, `DSV_FORMAT_AMBIGUOUS`, `DSV_FORMAT_SYNTAX`, `DSV_ITEM_DUPLICATE`
 */
export async function add(repository: Repository, request: StageRequest): Promise<StageOutcome> {
  const message = `add ${describePaths(request.paths)}`
  const stageAll = async (known: KeptBlobs): Promise<StageOutcome> =>
    repository.write(message, async (transaction) => {
      const { stage, outcome } = await stageWorkingTree(repository, transaction, known, request)
      // What was read may be a mixture when another process moves the working tree meanwhile.
      if (checkoutGoingOn(repository) !== undefined) throw stageMoved()
      await transaction.publish({ work: { ...transaction.state.work, stage } })
      agreeAfter(known, transaction.state.work.stage.files, stage.files)
      return outcome
    })
  return withKnownBlobs(repository, stageAll, { isKeptEarly: true })
}
