import path from 'node:path'
import { isBelow, type Json, type Repository, snapshotAt } from '@dsv/core'
import {
  type Import,
  IMPORTS_FILE,
  importsFromJson,
  importsInvalid,
  readImports,
} from '@dsv/remote'
import { isDsvError } from '@dsv/store'
import { lockFromJson } from '../lock/lock-file.ts'
import type { PipelineLock } from '../lock/stage-record.ts'
import { lockOf } from '../lock/read-lock-file.ts'
import { versionReader } from '../read/version-reader.ts'
import { workingTreeReader } from '../read/working-tree-reader.ts'
import { lineage, type LineageNode, type Origin } from './lineage.ts'

/** Imports of imports that are followed. */
const MAX_DEEP = 16

/**
 * Returns where a path came from, over imports too.
 *
 * @param revision - A version; the working tree by default
 * @throws `DSV_LOCK_INVALID`, `DSV_REVISION_UNKNOWN`, `DSV_IMPORTS_INVALID`
 */
export async function readLineage(
  repository: Repository,
  at: string,
  revision?: string,
): Promise<readonly LineageNode[]> {
  const reader =
    revision === undefined
      ? workingTreeReader(repository.folder)
      : versionReader(repository, revision)
  const lock = await lockOf(reader)
  const snapshot = await snapshotAt(repository, revision ?? 'stage')
  const imports = await readImports(repository.store.objects, snapshot)
  return lineage(at, { lock, originOf: (each) => originOf(imports, each, 0) })
}

function originOf(imports: readonly Import[], at: string, depth: number): Origin | undefined {
  const found = imports.find((each) => isBelow(at, each.path))
  if (found === undefined) return undefined
  const { url, from, commit, revision, where, madeBy } = found
  const inside = path.posix.join(from, path.posix.relative(found.path, at))
  const inputs = depth < MAX_DEEP ? lineageThere(found, inside, depth + 1) : []
  return {
    url,
    from,
    commit,
    ...(revision !== undefined && { revision }),
    ...(where !== undefined && { where }),
    ...(madeBy !== undefined && { madeBy }),
    ...(inputs.length > 0 && { inputs }),
  }
}

/** How an import came to be over there. */
function lineageThere(
  { path: importedTo, lineage: recorded }: Import,
  at: string,
  depth: number,
): readonly LineageNode[] {
  if (!isObject(recorded)) return []
  const lock = stagesOf(recorded, importedTo)
  const imports = importsFromJson(recorded['imports'])
  return lineage(at, { lock, originOf: (each) => originOf(imports, each, depth) }).filter(
    ({ stage, origin }) => (stage ?? origin) !== undefined,
  )
}

function stagesOf(recorded: Readonly<Record<string, Json>>, importedTo: string): PipelineLock {
  try {
    return lockFromJson(recorded['stages'], IMPORTS_FILE)
  } catch (error) {
    // What helps with a lock, to delete it, would lose all imports here.
    if (!isDsvError(error, 'DSV_LOCK_INVALID')) throw error
    throw importsInvalid(IMPORTS_FILE, `imports.${importedTo}.lineage.stages is no lock`, error)
  }
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
