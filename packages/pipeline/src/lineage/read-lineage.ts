import { type Repository, snapshotAt } from '@dsv/core'
import { type Import, readImports } from '@dsv/remote'
import { LOCK_FILE, readLock } from '../lock/lock-file.ts'
import { versionReader } from '../read/version-reader.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'
import { lineage, type LineageNode } from './lineage.ts'

/**
 * Returns where a path came from.
 *
 * @param revision - A version; the working tree by default
 * @throws `DSV_LOCK_INVALID`, `DSV_REVISION_UNKNOWN`, `DSV_IMPORTS_INVALID`
 */
export async function readLineage(
  repository: Repository,
  path: string,
  revision?: string,
): Promise<readonly LineageNode[]> {
  const reader =
    revision === undefined
      ? workingTreeReader(repository.folder)
      : versionReader(repository, revision)
  const bytes = await reader.read(LOCK_FILE)
  const lock = bytes === undefined ? new Map() : readLock(Buffer.from(bytes).toString('utf8'))
  const snapshot = await snapshotAt(repository, revision ?? 'stage')
  const imports = await readImports(repository.store.objects, snapshot)
  return lineage(path, { lock, originOf: (each) => originOf(imports, each) })
}

function originOf(
  imports: readonly Import[],
  path: string,
): { readonly url: string; readonly from: string; readonly commit: string } | undefined {
  const found = imports.find((each) => path === each.path || path.startsWith(`${each.path}/`))
  return found && { url: found.url, from: found.from, commit: found.commit }
}
