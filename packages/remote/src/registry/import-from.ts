import {
  decodeDataset,
  graft,
  isBelow,
  type Json,
  type MergeResult,
  partAt,
  type Repository,
  withPart,
} from '@dsv/core'
import { optionsForAll } from '../driver/recorded-options.ts'
import { importExists } from '../errors.ts'
import type { CopiedPart, ImportSource } from './import-source.ts'
import { type Import, readImports, withImports } from './imports-file.ts'

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
  /** The format of the folder, where a DVC registry does not show it. */
  readonly format?: string
}

/** What was imported. */
export interface ImportResult extends MergeResult {
  readonly imported: Import
  readonly files: number
  /** Items of the datasets among it. */
  readonly items: number
  readonly leftOut: CopiedPart['leftOut']
  /** What reading the datasets among it had to leave out, by their path there. */
  readonly readLosses: CopiedPart['losses']
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
  source: ImportSource,
  request: ImportRequest,
): Promise<ImportResult> {
  const { url, options, from, to, revision, where, format } = request
  const commit = await source.commitOf(revision)
  const chosen = {
    ...(where !== undefined && { where }),
    ...(format !== undefined && { format }),
  }
  const imported: Import = {
    path: to,
    ...(source.kind === 'dvc' && { kind: 'dvc' }),
    url,
    options: optionsForAll(options),
    from,
    commit,
    ...(revision !== undefined && { revision }),
    ...chosen,
  }
  const lineage = await source.lineage?.(commit, from)
  let copied: CopiedPart | undefined
  let items = 0
  const result = await graft(repository, `import ${to}`, async (session, stage) => {
    const there = await partAt(session, stage, to)
    const isIn = [...stage.datasets.keys()].some((path) => path !== '' && isBelow(to, path))
    if (there.files.count > 0 || isIn) throw importExists(to)
    const part = await source.copyPart(repository, session, {
      commit,
      path: from,
      ...chosen,
      like: there,
    })
    copied = part
    items = 0
    for (const id of part.datasets.values())
      items += decodeDataset(await session.getObject('dataset', id)).items.count
    const others = (await readImports(session, stage)).filter(({ path }) => path !== to)
    return {
      base: stage,
      theirs: await withPart(session, stage, to, part),
      finish: async (merged) =>
        withImports(session, merged, [...others, recordOf(imported, part, lineage)]),
    }
  })
  return {
    ...result,
    imported: copied === undefined ? imported : recordOf(imported, copied, lineage),
    files: copied?.files.count ?? 0,
    items,
    leftOut: copied?.leftOut ?? [],
    readLosses: copied?.losses ?? new Map(),
  }
}

/** Returns what goes on record of an import. */
export function recordOf(
  { madeBy: _by, lineage: _of, ...imported }: Import,
  { madeBy }: Pick<CopiedPart, 'madeBy'>,
  lineage: Json | undefined,
): Import {
  return {
    ...imported,
    ...(madeBy !== undefined && { madeBy }),
    ...(lineage !== undefined && { lineage }),
  }
}
