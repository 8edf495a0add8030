import { diffTrees, EMPTY_TREE, type ObjectReader, type TreeChange } from '@dsv/store'
import { continueUids } from '../diff/continue-uids.ts'
import { type AnnotationDiff, diffAnnotations } from '../diff/diff-annotations.ts'
import { diffItem, pairMoves } from '../diff/diff-item.ts'
import { diffSchema, type SchemaDiff } from '../diff/diff-schema.ts'
import type { ItemDiff } from '../diff/summarize-diff.ts'
import type { Annotation } from '../model/annotation.ts'
import type { Item } from '../model/item.ts'
import { EMPTY_SCHEMA, type Schema } from '../model/schema.ts'
import { decodeAnnotations } from '../record/annotation-record.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset } from '../record/dataset-record.ts'
import { decodeFile, decodePath, type FileRecord } from '../record/file-record.ts'
import { decodeItemKey } from '../record/item-key.ts'
import { decodeItem } from '../record/item-record.ts'
import { isBelow } from '../working-tree/path-range.ts'

/** A file that differs between two snapshots. */
export interface FileDiff {
  readonly path: string
  readonly from: FileRecord | undefined
  readonly to: FileRecord | undefined
  /** The dataset that the file belongs to, when an adapter reads or names it. */
  readonly dataset: string | undefined
}

/** A dataset that differs between two snapshots. */
export interface DatasetDiff {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  /** The formats before and after; undefined where there is no dataset. */
  readonly formats: { readonly from: string | undefined; readonly to: string | undefined }
  readonly schemas: { readonly from: Schema; readonly to: Schema }
  /** What is compared; undefined where there is no dataset. */
  readonly records: {
    readonly from: DatasetRecord | undefined
    readonly to: DatasetRecord | undefined
  }
  readonly schema: SchemaDiff
  /**
   * The items that differ, with their annotations; first those that are on both sides, in key order,
   * then moved, removed and added ones. Reads what changed, not what is there.
   */
  readonly items: () => AsyncIterable<ItemDiff>
}

/** How two snapshots differ. */
export interface SnapshotDiff {
  /** In path order. */
  readonly files: () => AsyncIterable<FileDiff>
  /** Sorted by path. */
  readonly datasets: readonly DatasetDiff[]
}

/** Compares two snapshots. Equal subtrees are skipped, so the cost follows the difference. */
export async function diffSnapshots(
  reader: ObjectReader,
  from: Snapshot,
  to: Snapshot,
): Promise<SnapshotDiff> {
  const paths = [...new Set([...from.datasets.keys(), ...to.datasets.keys()])].toSorted()
  const datasets: DatasetDiff[] = []
  for (const path of paths) {
    const [before, after] = [from.datasets.get(path), to.datasets.get(path)]
    if (before === after) continue
    const read = async (id: typeof before): Promise<DatasetRecord | undefined> =>
      id === undefined ? undefined : decodeDataset(await reader.getObject('dataset', id))
    datasets.push(diffDatasets(reader, path, await read(before), await read(after)))
  }
  return { datasets, files: () => diffFiles(reader, from, to, paths) }
}

/** Compares two versions of a dataset; at least one of them is there. */
export function diffDatasets(
  reader: ObjectReader,
  path: string,
  before: DatasetRecord | undefined,
  after: DatasetRecord | undefined,
): DatasetDiff {
  const schemas = { from: before?.schema ?? EMPTY_SCHEMA, to: after?.schema ?? EMPTY_SCHEMA }
  return {
    path,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    formats: { from: before?.format, to: after?.format },
    schemas,
    records: { from: before, to: after },
    schema: diffSchema(schemas.from, schemas.to),
    items: () => diffItems(reader, before, after),
  }
}

async function* diffFiles(
  reader: ObjectReader,
  from: Snapshot,
  to: Snapshot,
  datasets: readonly string[],
): AsyncGenerator<FileDiff> {
  for await (const change of diffTrees(reader, from.files, to.files)) {
    const path = decodePath(change.key)
    const [before, after] = [change.from, change.to].map((entry) => entry && decodeFile(entry))
    const isClaimed = [before, after].some(
      (file) => file !== undefined && 'role' in file && file.role !== 'none',
    )
    const dataset = isClaimed ? datasets.find((each) => isBelow(path, each)) : undefined
    if (!isSameFile(before, after)) yield { path, from: before, to: after, dataset }
  }
}

/** Returns whether two records are the same file; what role it has for a dataset does not matter. */
export function isSameFile(a: FileRecord | undefined, b: FileRecord | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  if (a.type !== b.type) return false
  if ('blob' in a && 'blob' in b) return a.blob === b.blob
  return 'target' in a && 'target' in b ? a.target === b.target : a.type === 'empty-folder'
}

/** What both sides say of one key. */
interface KeyChanges {
  readonly key: Uint8Array
  item: TreeChange | undefined
  readonly layers: Map<string, TreeChange>
}

async function* diffItems(
  reader: ObjectReader,
  before: DatasetRecord | undefined,
  after: DatasetRecord | undefined,
): AsyncGenerator<ItemDiff> {
  const gone = new Map<Item, KeyChanges>()
  const come = new Map<Item, KeyChanges>()
  const canMove = before !== undefined && after !== undefined
  for await (const changes of changesByKey(reader, before, after)) {
    const { item } = changes
    const from = item?.from && decodeItem(item.from)
    const to = item?.to && decodeItem(item.to)
    if (canMove && from !== undefined && to === undefined) gone.set(from, changes)
    else if (canMove && from === undefined && to !== undefined) come.set(to, changes)
    else yield oneItem(from, to, changes, changes)
  }
  const pairs = pairMoves([...gone.keys()], [...come.keys()])
  for (const { from, to } of pairs.moved) yield oneItem(from, to, gone.get(from), come.get(to))
  for (const from of pairs.removed) yield oneItem(from, undefined, gone.get(from), undefined)
  for (const to of pairs.added) yield oneItem(undefined, to, undefined, come.get(to))
}

function oneItem(
  from: Item | undefined,
  to: Item | undefined,
  left: KeyChanges | undefined,
  right: KeyChanges | undefined,
): ItemDiff {
  const layers = new Map<string, AnnotationDiff>()
  const names = new Set([...(left?.layers.keys() ?? []), ...(right?.layers.keys() ?? [])])
  for (const name of names) {
    const before = annotationsOf(left?.layers.get(name)?.from)
    const after = annotationsOf(right?.layers.get(name)?.to)
    const isRenamed = from !== undefined && to !== undefined && from.id !== to.id
    const diff = diffAnnotations(before, isRenamed ? continueUids(before, after) : after)
    if (!isEmptyDiff(diff)) layers.set(name, diff)
  }
  const item = from && to && diffItem(from, to)
  const key = (left ?? right)?.key
  const fallback = from === undefined && to === undefined && key ? decodeItemKey(key) : undefined
  const keyOf = (side: Item | undefined): ItemDiff['from'] =>
    side === undefined ? fallback : { subset: side.subset, id: side.id }
  const [fromKey, toKey] = [keyOf(from), keyOf(to)]
  return {
    ...(fromKey && { from: fromKey }),
    ...(toKey && { to: toKey }),
    ...(item && { item }),
    layers,
  }
}

function isEmptyDiff({ added, removed, changed, order }: AnnotationDiff): boolean {
  return added.length + removed.length + changed.length === 0 && order === undefined
}

function annotationsOf(entry: TreeChange['from']): readonly Annotation[] {
  return entry === undefined ? [] : decodeAnnotations(entry)
}

/** Walks the differences of the item tree and of all layers side by side. */
async function* changesByKey(
  reader: ObjectReader,
  before: DatasetRecord | undefined,
  after: DatasetRecord | undefined,
): AsyncGenerator<KeyChanges> {
  const layerNames = new Set([...(before?.layers.keys() ?? []), ...(after?.layers.keys() ?? [])])
  const streams = [
    {
      layer: undefined,
      stream: diffTrees(reader, before?.items ?? EMPTY_TREE, after?.items ?? EMPTY_TREE),
    },
    ...[...layerNames].map((layer) => ({
      layer,
      stream: diffTrees(
        reader,
        before?.layers.get(layer) ?? EMPTY_TREE,
        after?.layers.get(layer) ?? EMPTY_TREE,
      ),
    })),
  ]
  const heads = await Promise.all(
    streams.map(async ({ layer, stream }) => ({ layer, stream, next: await stream.next() })),
  )
  for (;;) {
    let key: Uint8Array | undefined
    for (const { next } of heads)
      if (next.done !== true && (key === undefined || Buffer.compare(next.value.key, key) < 0))
        key = next.value.key
    if (key === undefined) return
    const changes: KeyChanges = { key, item: undefined, layers: new Map() }
    for (const head of heads) {
      if (head.next.done === true || Buffer.compare(head.next.value.key, key) !== 0) continue
      if (head.layer === undefined) changes.item = head.next.value
      else changes.layers.set(head.layer, head.next.value)
      head.next = await head.stream.next()
    }
    yield changes
  }
}
