import { encodeCanonical, type ObjectId, type StoredObject, type TreeRef } from '@dsv/store'
import type { Json } from '../model/json.ts'
import { readJsonFields } from './item-record.ts'
import { type LinkList, linkList } from './link-list.ts'
import { readRecord, type RecordReader } from './record-reader.ts'
import { readSignature, type Signature, signatureFields } from './signature.ts'
import { readTreeRef, treeRefFields } from './tree-ref-record.ts'

const VERSION = 1

/** Everything one commit holds: all files, and the datasets that they mean, by path. */
export interface Snapshot {
  readonly files: TreeRef
  readonly datasets: ReadonlyMap<string, ObjectId>
}

/** A snapshot with its history. */
export interface Commit extends Snapshot {
  /** None for the first commit, two and more for a merge. */
  readonly parents: readonly ObjectId[]
  readonly author: Signature
  readonly committer: Signature
  readonly message: string
  /** What else is known of the commit, such as its lineage. */
  readonly extra: Readonly<Record<string, Json>>
}

/**
 * Returns the object of a commit. The payload is canonical
 * `[1, files, datasets, parents, author, committer, message, extra]`: a tree as
 * `[link or null, count, sizeBytes]`, datasets as `[path, link]` sorted by path, parents as links,
 * people as `[name, email, timeSeconds, tzMinutes]`.
 */
export function encodeCommit(commit: Commit): StoredObject {
  const links = linkList()
  const snapshot = snapshotFields(commit, links)
  const parents = commit.parents.map((parent) => links.indexOf(parent))
  const people = [signatureFields(commit.author), signatureFields(commit.committer)]
  const fields = [VERSION, ...snapshot, parents, ...people, commit.message, commit.extra]
  return { links: links.links, payload: encodeCanonical(fields) }
}

/** Reads a commit. @throws `DSV_RECORD_CORRUPT`, `DSV_RECORD_MALFORMED`, `DSV_RECORD_VERSION_UNSUPPORTED` */
export function decodeCommit(object: StoredObject): Commit {
  const reader = readRecord('A commit', object.payload, object.links, VERSION)
  const [files, datasets, parents, author, committer, message, extra] = reader.body
  return {
    ...readSnapshot(reader, files, datasets),
    parents: reader.list(parents, 'The parents').map((parent) => reader.object(parent, 'A parent')),
    author: readSignature(reader, author, 'The author'),
    committer: readSignature(reader, committer, 'The committer'),
    message: reader.text(message, 'The message'),
    extra: readJsonFields(reader, extra, 'The extra fields'),
  }
}

/** Returns a snapshot as it stands in payloads: the tree of files, then the datasets. */
export function snapshotFields(
  snapshot: Snapshot,
  links: LinkList,
): readonly [files: unknown, datasets: unknown] {
  const datasets = [...snapshot.datasets]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, id]) => [path, links.indexOf(id)])
  return [treeRefFields(snapshot.files, links), datasets]
}

/** Reads what {@link snapshotFields} wrote. @throws `DSV_RECORD_MALFORMED` */
export function readSnapshot(reader: RecordReader, files: unknown, datasets: unknown): Snapshot {
  return {
    files: readTreeRef(reader, files, 'The tree of files'),
    datasets: new Map(
      reader.list(datasets, 'The datasets').map((dataset) => {
        const [path, id] = reader.list(dataset, 'A dataset')
        return [reader.text(path, 'The path of a dataset'), reader.object(id, 'A dataset')]
      }),
    ),
  }
}
