import { graft, type MergeResult, partAt, type Repository, withPart } from '@dsv/core'
import { importUnknown } from '../errors.ts'
import type { CopiedPart, ImportSource } from './import-source.ts'
import { recordOf } from './import-from.ts'
import { type Import, readImports, withImports } from './imports-file.ts'

/** Which imports are brought up to date. */
export interface UpdateRequest {
  /** Where they lie here; all by default. */
  readonly paths?: readonly string[]
  /** Another branch, tag or commit there. */
  readonly revision?: string
  /** Only finds out what there is. */
  readonly dryRun?: boolean
  /** Opens the registry that something was imported from. */
  readonly open: (from: Import) => Promise<ImportSource>
}

/** What became of one import. */
export interface UpdatedImport {
  readonly import: Import
  /** The commit that its revision means now. */
  readonly commit: string
  /** Undefined when there was nothing to do, or in a dry run. */
  readonly result: MergeResult | undefined
  readonly leftOut: CopiedPart['leftOut']
}

/**
 * Brings imports up to date: each is a merge whose base is what was imported last, so edits made here
 * stay. Stops after the first one with conflicts.
 *
 * @throws `DSV_IMPORT_UNKNOWN`, `DSV_MERGE_PENDING`, `DSV_REVISION_UNKNOWN`, and what the storages throw
 */
export async function updateImports(
  repository: Repository,
  request: UpdateRequest,
): Promise<readonly UpdatedImport[]> {
  const { work } = await repository.state()
  const all = await readImports(repository.store.objects, work.stage)
  const known = all.map(({ path }) => path)
  for (const path of request.paths ?? [])
    if (!known.includes(path)) throw importUnknown(path, known)
  const chosen = all.filter(({ path }) => request.paths?.includes(path) !== false)
  const updated: UpdatedImport[] = []
  for (const each of chosen) {
    const source = await request.open(each)
    try {
      const outcome = await updateOne(repository, source, each, request)
      updated.push(outcome)
      if (outcome.result?.type === 'conflicts') break
    } finally {
      await source.close()
    }
  }
  return updated
}

async function updateOne(
  repository: Repository,
  source: ImportSource,
  before: Import,
  { revision = before.revision, dryRun = false }: UpdateRequest,
): Promise<UpdatedImport> {
  const commit = await source.commitOf(revision)
  const isSame = commit === before.commit && revision === before.revision
  if (isSame || dryRun) return { import: before, commit, result: undefined, leftOut: [] }
  const now: Import = { ...before, commit, ...(revision !== undefined && { revision }) }
  const { path, from, where, format } = before
  const chosen = {
    path: from,
    ...(where !== undefined && { where }),
    ...(format !== undefined && { format }),
  }
  const lineage = await source.lineage?.(commit, from)
  let leftOut: CopiedPart['leftOut'] = []
  const result = await graft(repository, `update ${path}`, async (session, stage) => {
    const base = await source.copyPart(repository, session, {
      ...chosen,
      commit: before.commit,
      like: await partAt(session, stage, path),
    })
    const theirs = await source.copyPart(repository, session, { ...chosen, commit, like: base })
    ;({ leftOut } = theirs)
    return {
      base: await withPart(session, stage, path, base),
      theirs: await withPart(session, stage, path, theirs),
      finish: async (merged) => {
        const others = (await readImports(session, merged)).filter((each) => each.path !== path)
        return withImports(session, merged, [...others, recordOf(now, theirs, lineage)])
      },
    }
  })
  return { import: now, commit, result, leftOut }
}
