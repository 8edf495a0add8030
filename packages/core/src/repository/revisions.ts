import { isIdText, type ObjectId, readOperations, toObjectId } from '@dsv/store'
import type { CommitReader } from '../history/commit-reader.ts'
import {
  type ResolvedRange,
  resolveRevision,
  resolveRevisionRange,
  type RevisionSources,
} from '../history/resolve-revision.ts'
import { walkCommits } from '../history/walk-commits.ts'
import type { Commit } from '../record/commit-record.ts'
import { decodeTag } from '../record/tag-record.ts'
import type { Repository } from './repository.ts'

/** At most this many candidates of a short id are named. */
const MAX_CANDIDATES = 8

/**
 * Returns the commit that a revision names.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`, `DSV_REVISION_AMBIGUOUS`
 */
export async function resolveCommit(repository: Repository, revision: string): Promise<ObjectId> {
  return resolveRevision(revision, await revisionSources(repository))
}

/**
 * Returns the commits that a revision or range (`a..b`, `a...b`) includes and excludes.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`, `DSV_REVISION_AMBIGUOUS`
 */
export async function resolveRange(repository: Repository, range: string): Promise<ResolvedRange> {
  return resolveRevisionRange(range, await revisionSources(repository))
}

async function revisionSources(repository: Repository): Promise<RevisionSources> {
  const { refs, head, headCommit } = await repository.state()
  const { objects } = repository.store
  const tips = async (): Promise<readonly ObjectId[]> => {
    const commits = new Set<ObjectId>(headCommit === undefined ? [] : [headCommit])
    for (const id of refs.values()) {
      const info = await objects.info(id)
      if (info?.kind === 'commit') commits.add(id)
      if (info?.kind === 'tag') commits.add(decodeTag(await objects.getObject('tag', id)).target)
    }
    return [...commits]
  }
  return {
    commit: async (commitId) => repository.commit(commitId),
    ref: async (fullName) => refs.get(fullName),
    head: async () => headCommit,
    refNames: async () => [...refs.keys()],
    reflog: async (fullName, position) => {
      const current = head.type === 'branch' ? head.name : 'HEAD'
      return earlierPosition(repository, fullName ?? current, position)
    },
    findShort: async (prefix) => {
      // A whole id also finds what no branch leads to any more, after an undo or a reset.
      if (isIdText(prefix)) {
        const objectId = toObjectId(prefix)
        return (await objects.info(objectId))?.kind === 'commit' ? [objectId] : []
      }
      const found: ObjectId[] = []
      for await (const { commitId } of walkCommits(repositoryCommits(repository), await tips()))
        if (commitId.startsWith(prefix) && found.push(commitId) === MAX_CANDIDATES) break
      return found
    },
    tag: async (objectId) => {
      const info = await objects.info(objectId)
      if (info?.kind !== 'tag') return undefined
      return decodeTag(await objects.getObject('tag', objectId))
    },
  }
}

/** Returns the reader of commits that walks need; where a partial clone ends it says so. */
export function repositoryCommits(repository: Repository): CommitReader {
  const commit = async (commitId: ObjectId): Promise<Commit> => repository.commit(commitId)
  if (!repository.isPartial) return { commit }
  const cuts = new Map<ObjectId, ObjectId>()
  return {
    commit: async (commitId) => {
      const read = await commit(commitId)
      const parents: ObjectId[] = []
      for (const parent of read.parents)
        if (await repository.store.objects.has(parent)) parents.push(parent)
        else cuts.set(commitId, parent)
      return { ...read, parents }
    },
    cutAt: (commitId) => cuts.get(commitId),
  }
}

/** Follows the operation log back to where a ref stood `position` changes ago. */
async function earlierPosition(
  repository: Repository,
  fullName: string,
  position: number,
): Promise<ObjectId | undefined> {
  const { refs, head, headCommit } = await repository.state()
  let at = fullName === 'HEAD' ? headCommit : refs.get(fullName)
  let current = head
  const values = new Map(refs)
  let left = position
  if (left === 0) return at
  for await (const operation of readOperations(repository.store)) {
    for (const { name, from } of operation.refs) {
      if (from === undefined) values.delete(name)
      else values.set(name, from)
    }
    if (operation.head?.from !== undefined) current = operation.head.from
    const headBefore = current.type === 'branch' ? values.get(current.name) : current.commit
    const before = fullName === 'HEAD' ? headBefore : values.get(fullName)
    if (before === at) continue
    at = before
    if (--left === 0) return at
  }
  return undefined
}
