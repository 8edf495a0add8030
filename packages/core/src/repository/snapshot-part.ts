import {
  buildTree,
  editTree,
  type ObjectId,
  type ObjectReader,
  type ObjectStore,
  scanBatches,
  type TreeEdit,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'
import type { Snapshot } from '../record/commit-record.ts'
import {
  decodeFile,
  decodePath,
  encodeFile,
  encodePath,
  type FileRecord,
} from '../record/file-record.ts'
import { isBelow, joinPath, pathRange, relativeTo } from '../working-tree/path-range.ts'

/**
 * A folder or file of a snapshot with all that lies in it. Paths are relative to it; the empty path is
 * the file itself, or the folder where it is empty.
 */
export interface SnapshotPart {
  readonly files: TreeRef
  readonly datasets: ReadonlyMap<string, ObjectId>
}

/** Lists the files of a part of a snapshot, with paths relative to it. @yields one entry */
export async function* partFiles(
  reader: ObjectReader,
  files: TreeRef,
  path: string,
): AsyncGenerator<TreeEntry, void, undefined> {
  for (const range of rangesOf(path))
    for await (const entries of scanBatches(reader, files, range))
      for (const entry of entries) {
        const inside = relativeTo(path, decodePath(entry.key))
        yield encodeFile(inside, decodeFile(entry))
      }
}

/** Returns the datasets at or below a path, with paths relative to it. */
export function partDatasets(
  { datasets }: Pick<Snapshot, 'datasets'>,
  path: string,
): ReadonlyMap<string, ObjectId> {
  return new Map(
    [...datasets]
      .filter(([each]) => isBelow(each, path))
      .map(([each, id]) => [each === path ? '' : relativeTo(path, each), id]),
  )
}

/** Returns what lies at a path of a snapshot. */
export async function partAt(
  store: ObjectStore,
  snapshot: Snapshot,
  path: string,
): Promise<SnapshotPart> {
  const files = await buildTree(store, partFiles(store, snapshot.files, path))
  return { files, datasets: partDatasets(snapshot, path) }
}

/** Returns the snapshot with a part in the place of what lies at the path; undefined takes it away. */
export async function withPart(
  store: ObjectStore,
  snapshot: Snapshot,
  path: string,
  part: SnapshotPart | undefined,
): Promise<Snapshot> {
  const edits = new Map<string, TreeEdit>()
  const set = (key: Uint8Array, entry: TreeEntry | undefined): void => {
    edits.set(Buffer.from(key).toString('latin1'), { key, entry })
  }
  for (const range of rangesOf(path))
    for await (const entries of scanBatches(store, snapshot.files, range))
      for (const { key } of entries) set(key, undefined)
  if (part !== undefined)
    for await (const entries of scanBatches(store, part.files))
      for (const entry of entries) {
        const record = decodeFile(entry)
        const placed = encodeFile(placeOf(path, decodePath(entry.key), record), record)
        set(placed.key, placed)
      }
  const sorted = [...edits.values()].toSorted((a, b) => Buffer.compare(a.key, b.key))
  const datasets = new Map([...snapshot.datasets].filter(([each]) => !isBelow(each, path)))
  for (const [inside, id] of part?.datasets ?? [])
    datasets.set(inside === '' ? path : joinPath(path, inside), id)
  return { files: await editTree(store, snapshot.files, sorted), datasets }
}

/** The path of an empty folder ends with `/`. */
function placeOf(path: string, inside: string, { type }: FileRecord): string {
  if (inside !== '') return joinPath(path, inside)
  return type === 'empty-folder' ? `${path}/` : path
}

/** A file has the path itself, what is in a folder lies below it. */
function rangesOf(path: string): readonly Parameters<typeof scanBatches>[2][] {
  if (path === '') return [{}]
  const key = encodePath(path)
  return [{ from: key, to: encodePath(`${path}\0`) }, pathRange(path)]
}
