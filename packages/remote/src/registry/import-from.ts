import {
  decodeDataset,
  graft,
  isBelow,
  type MergeResult,
  partAt,
  type Repository,
  withPart,
} from '@dsv/core'
import { optionsForAll } from '../driver/recorded-options.ts'
import { importExists } from '../errors.ts'
import type { RemoteRepository } from '../transfer/remote-repository.ts'
import { copyPart } from './copy-part.ts'
import { type Import, readImports, withImports } from './imports-file.ts'
import { remoteRevision } from './remote-revision.ts'

/** What to import, and where to. */
export interface ImportRequest {
  /** The address of the registry, as it goes on record. */
  readonly url: string
  /** Those that are for this machine alone stay off the record. */
  readonly options: Readonly<Record<string, string>>
  /** A folder or file there. */
  readonly from: string
  /** Where it goes. */
  readonly to: string
  /** A branch, tag or commit there; default its main branch. */
  readonly revision?: string
  /** A query that chooses items. */
  readonly where?: string
}

/** What was imported. */
export interface ImportResult extends MergeResult {
  readonly imported: Import
  readonly files: number
  /** Items of the datasets among it. */
  readonly items: number
}

/**
 * Makes a folder or file of another repository part of this one: its objects are stored here, its
 * files written and staged. Where it came from goes on record in `.dsvimports`.
 *
 * @throws `DSV_IMPORT_NOT_FOUND`, `DSV_IMPORT_EXISTS`, `DSV_IMPORT_SELECTION_INVALID`,
 *   `DSV_CHECKOUT_WOULD_OVERWRITE`, `DSV_REVISION_UNKNOWN`
 */
export async function importFrom(
  repository: Repository,
  remote: RemoteRepository,
  request: ImportRequest,
): Promise<ImportResult> {
  const { url, options, from, to, revision, where } = request
  const commitId = await remoteRevision(remote, revision)
  const imported: Import = {
    path: to,
    url,
    options: optionsForAll(options),
    from,
    commit: commitId,
    ...(revision !== undefined && { revision }),
    ...(where !== undefined && { where }),
  }
  let files = 0
  let items = 0
  const result = await graft(repository, `import ${to}`, async (session, stage) => {
    const there = await partAt(session, stage, to)
    const isIn = [...stage.datasets.keys()].some((path) => path !== '' && isBelow(to, path))
    if (there.files.count > 0 || isIn) throw importExists(to)
    const selection = where === undefined ? {} : { where }
    const part = await copyPart(repository, session, remote, { commitId, path: from, ...selection })
    files = part.files.count
    for (const id of part.datasets.values())
      items += decodeDataset(await session.getObject('dataset', id)).items.count
    const others = (await readImports(session, stage)).filter(({ path }) => path !== to)
    return {
      base: stage,
      theirs: await withPart(session, stage, to, part),
      finish: async (merged) => withImports(session, merged, [...others, imported]),
    }
  })
  return { ...result, imported, files, items }
}
