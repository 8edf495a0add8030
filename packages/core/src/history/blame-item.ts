import type { ObjectId } from '@dsv/store'
import type { Annotation } from '../model/annotation.ts'
import type { ItemKey } from '../model/item.ts'
import { commitQueue, type ReadCommit } from './commit-queue.ts'
import type { CommitReader } from './commit-reader.ts'

/** What blame reads of each commit. */
export interface BlameReader extends CommitReader {
  /** What identifies the record of the item in a commit; undefined when it has none. Cheap. */
  readonly entryDigestAt: (commitId: ObjectId, key: ItemKey) => Promise<string | undefined>
  /** The annotations of the item in a commit; undefined when it has no such item. */
  readonly annotationsAt: (
    commitId: ObjectId,
    key: ItemKey,
  ) => Promise<readonly Annotation[] | undefined>
}

/** Where an annotation got the form it has now. */
export interface Blame {
  readonly annotation: Annotation
  readonly commitId: ObjectId
  /** `changed` when a parent of the commit has the annotation (by uid) in another form. */
  readonly change: 'added' | 'changed'
}

/** An annotation of the result, and how it looks in the commit it was followed to. */
interface Suspect {
  readonly place: number
  readonly current: Annotation
}

interface Suspected extends ReadCommit {
  readonly suspects: Suspect[]
}

/**
 * Returns for each annotation of an item, in the order of `commitId`, the commit that gave it its
 * current form.
 *
 * Annotations go to the first parent whose record of the item is the same, without being read. Else
 * each one goes to the first parent that has it: with the same uid and content, or the same content
 * under another uid. What no parent has was introduced there. Empty when the commit lacks the item.
 */
export async function blameItem(
  reader: BlameReader,
  commitId: ObjectId,
  key: ItemKey,
): Promise<readonly Blame[]> {
  const annotations = (await reader.annotationsAt(commitId, key)) ?? []
  const blames = new Map<number, Blame>()
  const waiting = commitQueue<Suspected>()
  const known = new Map<ObjectId, Suspected>()
  await suspect(
    commitId,
    annotations.map((current, place) => ({ place, current })),
  )
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    known.delete(entry.commitId)
    const guilty = await passToParents(reader, entry, key, suspect)
    for (const { place, change } of guilty) {
      const annotation = annotations[place]
      if (annotation !== undefined) {
        blames.set(place, { annotation, commitId: entry.commitId, change })
      }
    }
  }
  return [...blames].toSorted(([a], [b]) => a - b).map(([, blame]) => blame)

  async function suspect(id: ObjectId, suspects: readonly Suspect[]): Promise<void> {
    if (suspects.length === 0) return
    const entry = known.get(id)
    if (entry !== undefined) {
      entry.suspects.push(...suspects)
      return
    }
    const commit = await reader.commit(id)
    const fresh = { commitId: id, commit, sequence: known.size, suspects: [...suspects] }
    known.set(id, fresh)
    waiting.push(fresh)
  }
}

/** Passes the suspects on that a parent has, and returns the rest. */
async function passToParents(
  reader: BlameReader,
  entry: Suspected,
  key: ItemKey,
  suspect: (commitId: ObjectId, suspects: readonly Suspect[]) => Promise<void>,
): Promise<readonly { readonly place: number; readonly change: Blame['change'] }[]> {
  const digest = await reader.entryDigestAt(entry.commitId, key)
  const changed: ObjectId[] = []
  for (const parentId of entry.commit.parents) {
    const parentDigest = await reader.entryDigestAt(parentId, key)
    if (parentDigest === digest) {
      await suspect(parentId, entry.suspects)
      return []
    }
    if (parentDigest !== undefined) changed.push(parentId)
  }
  let left: readonly Suspect[] = entry.suspects
  const uidsBefore = new Set<string>()
  for (const parentId of changed) {
    const before = (await reader.annotationsAt(parentId, key)) ?? []
    for (const annotation of before) uidsBefore.add(annotation.uid)
    const { found, missing } = findSame(left, before)
    await suspect(parentId, found)
    left = missing
  }
  return left.map(({ place, current }) => ({
    place,
    change: uidsBefore.has(current.uid) ? 'changed' : 'added',
  }))
}

/** Equal uids are paired first, so that a twin under another uid takes nobody's place. */
function findSame(
  suspects: readonly Suspect[],
  before: readonly Annotation[],
): { readonly found: readonly Suspect[]; readonly missing: readonly Suspect[] } {
  const free = new Map<string, Map<string, Annotation>>()
  for (const annotation of before) {
    const content = contentOf(annotation)
    const twins = free.get(content) ?? new Map<string, Annotation>()
    free.set(content, twins.set(annotation.uid, annotation))
  }
  const found: Suspect[] = []
  const byUid = suspects.filter((one) => !take(one, (twins) => twins.get(one.current.uid)))
  const missing = byUid.filter((one) => !take(one, (twins) => twins.values().next().value))
  return { found, missing }

  function take(
    { place, current }: Suspect,
    choose: (twins: ReadonlyMap<string, Annotation>) => Annotation | undefined,
  ): boolean {
    const twins = free.get(contentOf(current))
    const twin = twins && choose(twins)
    if (twin === undefined) return false
    twins?.delete(twin.uid)
    found.push({ place, current: twin })
    return true
  }
}

/** The same text for the same content, whatever the order of its fields; the uid is left out. */
function contentOf(annotation: Annotation): string {
  const { uid: _, ...content } = annotation
  return JSON.stringify(content, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}
