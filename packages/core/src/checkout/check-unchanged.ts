import { checkoutWouldOverwrite } from '../errors.ts'
import type { Repository, Transaction } from '../repository/repository.ts'
import type { CompareContext } from '../working-tree/compare-working-tree.ts'
import { readIgnoreRules } from '../working-tree/ignore-rules.ts'
import type { KeptBlobs } from '../working-tree/known-blobs.ts'
import { scanPaths } from '../working-tree/scan-paths.ts'

/**
 * Makes sure that the working tree holds what is staged at some paths: a local change would be written over, or
 * read as something else than it was written for.
 *
 * @throws `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function checkUnchanged(
  repository: Repository,
  { session, state }: Pick<Transaction, 'session' | 'state'>,
  known: KeptBlobs,
  paths: readonly string[],
): Promise<void> {
  const context: CompareContext = {
    root: repository.folder,
    reader: session,
    known,
    isIgnored: readIgnoreRules(repository.folder),
    signal: repository.environment.signal,
    ...(repository.isPartial && { onAbsent: () => {} }),
  }
  const changed: string[] = []
  for await (const { path, before } of scanPaths(state.work.stage.files, paths, context))
    if (before !== undefined) changed.push(path)
  if (changed.length > 0) throw checkoutWouldOverwrite(changed)
}
