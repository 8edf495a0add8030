import type { ObjectId } from '@dsv/store'
import type { Commit } from '../record/commit-record.ts'
import { decodeTag, type Tag } from '../record/tag-record.ts'
import { diffSnapshots, type SnapshotDiff } from '../repository/diff-snapshots.ts'
import type { Repository } from '../repository/repository.ts'
import { resolveCommit } from '../repository/revisions.ts'
import { snapshotOf } from '../repository/snapshot-of.ts'
import { commitRefs } from './commit-refs.ts'

/** A commit with what it changed. */
export interface ShownCommit {
  readonly commitId: ObjectId
  readonly commit: Commit
  /** Full names of the refs that stand at it, `HEAD` first. */
  readonly refs: readonly string[]
  /** The annotated tag that the revision names. */
  readonly tag: Tag | undefined
  /** The commit that `difference` is counted from: the first parent. */
  readonly parentId: ObjectId | undefined
  readonly difference: SnapshotDiff
}

/**
 * Returns a commit and how it differs from its first parent; an annotated tag is shown with the
 * commit that it names.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`, `DSV_REVISION_AMBIGUOUS`
 */
export async function show(repository: Repository, revision: string): Promise<ShownCommit> {
  const { objects } = repository.store
  const commitId = await resolveCommit(repository, revision)
  const commit = await repository.commit(commitId)
  const [parentId] = commit.parents
  const before = await snapshotOf(repository, parentId)
  return {
    commitId,
    commit,
    refs: (await commitRefs(repository)).get(commitId) ?? [],
    tag: await namedTag(repository, revision),
    parentId,
    difference: await diffSnapshots(objects, before, commit),
  }
}

/** Looks in the places in which a revision looks for the name of a tag. */
async function namedTag(repository: Repository, name: string): Promise<Tag | undefined> {
  const { refs } = await repository.state()
  const { objects } = repository.store
  for (const place of ['', 'refs/', 'refs/tags/']) {
    const id = refs.get(`${place}${name}`)
    if (id === undefined) continue
    const info = await objects.info(id)
    return info?.kind === 'tag' ? decodeTag(await objects.getObject('tag', id)) : undefined
  }
  return undefined
}
