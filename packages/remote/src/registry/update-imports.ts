import { graft, type MergeResult, type Repository, withPart } from '@dsv/core'
import { type ObjectId, toObjectId } from '@dsv/store'
import { importUnknown } from '../errors.ts'
import type { RemoteRepository } from '../transfer/remote-repository.ts'
import { copyPart } from './copy-part.ts'
import { type Import, readImports, withImports } from './imports-file.ts'
import { remoteRevision } from './remote-revision.ts'

/** Which imports are brought up to date. */
export interface UpdateRequest {
  /** Where they lie here; all by default. */
  readonly paths?: readonly string[]
  /** Another branch, tag or commit there. */
  readonly revision?: string
  /** Only finds out what there is. */
  readonly dryRun?: boolean
  /** Opens the repository that something was imported from. */
  readonly open: (from: Import) => Promise<RemoteRepository>
}

/** What became of one import. */
export interface UpdatedImport {
  readonly import: Import
  /** The commit that its revision means now. */
  readonly commit: ObjectId
  /** Undefined when there was nothing to do, or in a dry run. */
  readonly result: MergeResult | undefined
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
    const remote = await request.open(each)
    try {
      const outcome = await updateOne(repository, remote, each, request)
      updated.push(outcome)
      if (outcome.result?.type === 'conflicts') break
    } finally {
      await remote.close()
    }
  }
  return updated
}

async function updateOne(
  repository: Repository,
  remote: RemoteRepository,
  before: Import,
  { revision = before.revision, dryRun = false }: UpdateRequest,
): Promise<UpdatedImport> {
  const commit = await remoteRevision(remote, revision)
  const isSame = commit === before.commit && revision === before.revision
  if (isSame || dryRun) return { import: before, commit, result: undefined }
  const now: Import = { ...before, commit, ...(revision !== undefined && { revision }) }
  const result = await graft(repository, `update ${before.path}`, async (session, stage) => {
    const part = { path: before.from, ...(before.where !== undefined && { where: before.where }) }
    const base = await copyPart(repository, session, remote, {
      ...part,
      commitId: toObjectId(before.commit),
      known: ownDataset(stage.datasets, before.path),
    })
    const theirs = await copyPart(repository, session, remote, {
      ...part,
      commitId: commit,
      known: [...base.datasets.values()],
    })
    return {
      base: await withPart(session, stage, before.path, base),
      theirs: await withPart(session, stage, before.path, theirs),
      finish: async (merged) => {
        const others = (await readImports(session, merged)).filter(
          ({ path }) => path !== before.path,
        )
        return withImports(session, merged, [...others, now])
      },
    }
  })
  return { import: now, commit, result }
}

function ownDataset(datasets: ReadonlyMap<string, ObjectId>, path: string): readonly ObjectId[] {
  const id = datasets.get(path)
  return id === undefined ? [] : [id]
}
