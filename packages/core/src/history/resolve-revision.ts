import { isIdText, type ObjectId, toObjectId } from '@dsv/store'
import { revisionAmbiguous, revisionUnknown } from '../errors.ts'
import { nearNames } from '../query/near-names.ts'
import type { Tag } from '../record/tag-record.ts'
import type { CommitReader } from './commit-reader.ts'
import { mergeBases } from './merge-base.ts'
import {
  parseRevision,
  parseRevisionRange,
  printRevision,
  type Revision,
} from './parse-revision.ts'

/** What a revision is looked up in. */
export interface RevisionSources extends CommitReader {
  /** The commit or tag that a ref with this full name (`refs/heads/main`) holds. */
  readonly ref: (fullName: string) => Promise<ObjectId | undefined>
  /** The commit that is checked out; undefined before the first one. */
  readonly head: () => Promise<ObjectId | undefined>
  /**
   * Where a ref stood `position` operations ago, by its full name; `HEAD` is the commit that was
   * checked out, undefined stands for the current branch.
   */
  readonly reflog: (fullName: string | undefined, position: number) => Promise<ObjectId | undefined>
  /** The commits whose id begins with these (lower-case) hexadecimal digits, at most some. */
  readonly findShort: (prefix: string) => Promise<readonly ObjectId[]>
  /** The annotated tag with this id, or undefined when it is a commit. */
  readonly tag: (objectId: ObjectId) => Promise<Tag | undefined>
  /** The full names of all refs, for hints. */
  readonly refNames: () => Promise<readonly string[]>
}

/** What a range means to a walk. */
export interface ResolvedRange {
  readonly include: readonly ObjectId[]
  readonly exclude: readonly ObjectId[]
}

/** Where Git looks for a name, in its order. */
const PLACES = ['', 'refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/'] as const
/** Tags of tags are followed this far. */
const MAX_TAGS = 10

/**
 * Returns the commit that a revision names. A name is looked for as it is, then in `refs/`,
 * `refs/tags/`, `refs/heads/` and `refs/remotes/`, then as the beginning of an id (four digits and
 * more); a whole id comes first.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`, `DSV_REVISION_AMBIGUOUS`
 */
export async function resolveRevision(text: string, sources: RevisionSources): Promise<ObjectId> {
  return resolve(parseRevision(text), sources)
}

/**
 * Returns what a revision or a range (`A..B`, `A...B`, `^A`) includes and excludes.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`, `DSV_REVISION_AMBIGUOUS`
 */
export async function resolveRevisionRange(
  text: string,
  sources: RevisionSources,
): Promise<ResolvedRange> {
  const range = parseRevisionRange(text)
  if (range.type === 'one')
    return { include: [await resolve(range.revision, sources)], exclude: [] }
  if (range.type === 'without') {
    return { include: [], exclude: [await resolve(range.revision, sources)] }
  }
  const from = await resolve(range.from, sources)
  const to = await resolve(range.to, sources)
  if (range.type === 'range') return { include: [to], exclude: [from] }
  return { include: [from, to], exclude: await mergeBases(sources, from, to) }
}

async function resolve(revision: Revision, sources: RevisionSources): Promise<ObjectId> {
  switch (revision.type) {
    case 'name':
      return peel(await findName(revision.name, sources), sources)
    case 'reflog':
      return peel(await findEarlier(revision, sources), sources)
    case 'ancestor': {
      let commitId = await resolve(revision.of, sources)
      for (let step = 0; step < revision.count; step += 1) {
        commitId = await parentOf(commitId, 1, revision, sources)
      }
      return commitId
    }
    case 'parent': {
      const commitId = await resolve(revision.of, sources)
      return revision.number === 0
        ? commitId
        : parentOf(commitId, revision.number, revision, sources)
    }
    case 'peel':
      break
  }
  return resolve(revision.of, sources)
}

async function findName(name: string, sources: RevisionSources): Promise<ObjectId> {
  const isWholeId = isIdText(name)
  if (isWholeId) {
    const known = (await sources.findShort(name)).length > 0
    if (known || (await sources.tag(toObjectId(name))) !== undefined) return toObjectId(name)
  }
  if (name === 'HEAD') {
    const head = await sources.head()
    if (head !== undefined) return head
    throw revisionUnknown(name, 'HEAD has no commit yet', [])
  }
  const found = await findRef(name, sources)
  if (found !== undefined) return found.objectId
  const prefix = name.toLowerCase()
  if (!isWholeId && /^[0-9a-f]{4,63}$/u.test(prefix)) {
    const candidates = await sources.findShort(prefix)
    if (candidates.length > 1) throw revisionAmbiguous(name, candidates)
    if (candidates[0] !== undefined) return candidates[0]
  }
  throw revisionUnknown(
    name,
    'no branch, tag or commit has this name',
    await nearRefs(name, sources),
  )
}

async function findRef(
  name: string,
  sources: RevisionSources,
): Promise<{ readonly fullName: string; readonly objectId: ObjectId } | undefined> {
  for (const place of PLACES) {
    const fullName = place + name
    if (!fullName.startsWith('refs/')) continue
    const objectId = await sources.ref(fullName)
    if (objectId !== undefined) return { fullName, objectId }
  }
  return undefined
}

async function findEarlier(
  revision: Revision & { readonly type: 'reflog' },
  sources: RevisionSources,
): Promise<ObjectId> {
  const written = printRevision(revision)
  const { ref, position } = revision
  const isHead = ref === 'HEAD' || ref === '@'
  const fullName = ref === undefined || isHead ? undefined : (await findRef(ref, sources))?.fullName
  if (ref !== undefined && !isHead && fullName === undefined) {
    throw revisionUnknown(written, `there is no ref ${ref}`, await nearRefs(ref, sources))
  }
  const found = await sources.reflog(isHead ? 'HEAD' : fullName, position)
  if (found !== undefined) return found
  throw revisionUnknown(written, 'the log of operations does not go back that far', [])
}

async function parentOf(
  commitId: ObjectId,
  number: number,
  revision: Revision,
  sources: RevisionSources,
): Promise<ObjectId> {
  const { parents } = await sources.commit(commitId)
  const parent = parents[number - 1]
  if (parent !== undefined) return parent
  const has = parents.length === 1 ? '1 parent' : `${parents.length} parents`
  throw revisionUnknown(printRevision(revision), `commit ${commitId.slice(0, 12)} has ${has}`, [])
}

async function peel(objectId: ObjectId, sources: RevisionSources): Promise<ObjectId> {
  let current = objectId
  for (let step = 0; step < MAX_TAGS; step += 1) {
    const tag = await sources.tag(current)
    if (tag === undefined) return current
    current = tag.target
  }
  throw revisionUnknown(objectId, `it is a tag of more than ${MAX_TAGS} tags`, [])
}

async function nearRefs(name: string, sources: RevisionSources): Promise<readonly string[]> {
  const names = (await sources.refNames()).map((full) =>
    full.replace(/^refs\/(?:heads|tags|remotes)\//u, ''),
  )
  return nearNames(name, new Set(names))
}
