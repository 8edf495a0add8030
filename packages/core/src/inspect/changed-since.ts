import { diffTrees, EMPTY_TREE, getEntry, type ObjectId, type ObjectReader } from '@dsv/store'
import type { ChangedSince } from '../history/filter-log.ts'
import type { ItemDiff } from '../diff/summarize-diff.ts'
import type { AnnotatedItem, ItemKey } from '../model/item.ts'
import { compileQuery, type Query } from '../query/compile-query.ts'
import { parseQuery } from '../query/parse-query.ts'
import { compareItemKeys, encodeItemKey } from '../record/item-key.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset } from '../record/dataset-record.ts'
import { decodeFile, encodePath } from '../record/file-record.ts'
import { annotatedItemAt } from '../repository/dataset-view.ts'
import { type DatasetDiff, diffDatasets, isSameFile } from '../repository/diff-snapshots.ts'
import type { Repository } from '../repository/repository.ts'
import { snapshotOf } from '../repository/snapshot-of.ts'
import { isBelow, pathRange } from '../working-tree/path-range.ts'
import { isSameEntry } from '../stage/replace-tree.ts'

/** What a commit has to have changed; all that is given has to hold. */
export interface ChangeCriteria {
  /** A file or dataset at or below one of these; none means anything. */
  readonly paths: readonly string[]
  readonly dataset?: string
  readonly item?: ItemKey
  /** A query that a changed annotation (or item) matches, before or after. */
  readonly where?: string
}

/** Returns the test whether a commit differs from its parent in something. */
export function changedSince(repository: Repository): ChangedSince<ChangeCriteria> {
  const { objects } = repository.store
  return async (commitId, parentId, criteria) => {
    if (criteria.where !== undefined) parseQuery(criteria.where)
    const from = await snapshotOf(repository, parentId)
    const to = await snapshotOf(repository, commitId)
    if (criteria.paths.length > 0 && !(await anyPathDiffers(objects, from, to, criteria.paths)))
      return false
    if (!isAboutDatasets(criteria)) return true
    for (const { path, before, after } of await changedDatasets(objects, from, to, criteria)) {
      if (criteria.item === undefined && criteria.where === undefined) return true
      if (await isWanted(objects, path, before, after, criteria)) return true
    }
    return false
  }
}

function isAboutDatasets({ dataset, item, where }: ChangeCriteria): boolean {
  return dataset !== undefined || item !== undefined || where !== undefined
}

async function anyPathDiffers(
  reader: ObjectReader,
  from: Snapshot,
  to: Snapshot,
  paths: readonly string[],
): Promise<boolean> {
  for (const path of paths) {
    if (await pathDiffers(reader, from, to, path)) return true
    for (const dataset of new Set([...from.datasets.keys(), ...to.datasets.keys()]))
      if (isBelow(dataset, path) && from.datasets.get(dataset) !== to.datasets.get(dataset))
        return true
  }
  return false
}

async function pathDiffers(
  reader: ObjectReader,
  from: Snapshot,
  to: Snapshot,
  path: string,
): Promise<boolean> {
  const sides = await Promise.all(
    [from, to].map(async ({ files }) => {
      const entry = path === '' ? undefined : await getEntry(reader, files, encodePath(path))
      return entry && decodeFile(entry)
    }),
  )
  if (!isSameFile(sides[0], sides[1])) return true
  for await (const change of diffTrees(reader, from.files, to.files, pathRange(path))) {
    const [before, after] = [change.from, change.to].map((entry) => entry && decodeFile(entry))
    if (!isSameFile(before, after)) return true
  }
  return false
}

/** Both versions of a dataset that a commit changed. */
interface ChangedDataset {
  readonly path: string
  readonly before: DatasetRecord | undefined
  readonly after: DatasetRecord | undefined
}

async function changedDatasets(
  reader: ObjectReader,
  from: Snapshot,
  to: Snapshot,
  { dataset, paths }: ChangeCriteria,
): Promise<readonly ChangedDataset[]> {
  const read = async (id: ObjectId | undefined): Promise<DatasetRecord | undefined> =>
    id === undefined ? undefined : decodeDataset(await reader.getObject('dataset', id))
  const changed: ChangedDataset[] = []
  for (const path of new Set([...from.datasets.keys(), ...to.datasets.keys()])) {
    const [before, after] = [from.datasets.get(path), to.datasets.get(path)]
    if (before === after || (dataset !== undefined && dataset !== path)) continue
    if (paths.length > 0 && !paths.some((each) => isBelow(path, each) || isBelow(each, path)))
      continue
    changed.push({ path, before: await read(before), after: await read(after) })
  }
  return changed
}

async function isWanted(
  reader: ObjectReader,
  path: string,
  before: DatasetRecord | undefined,
  after: DatasetRecord | undefined,
  { item, where }: ChangeCriteria,
): Promise<boolean> {
  if (item !== undefined && !(await itemDiffers(reader, before, after, item))) return false
  if (where === undefined) return true
  const queries = {
    before: compileQuery(where, before?.schema),
    after: compileQuery(where, after?.schema),
  }
  const difference: DatasetDiff = diffDatasets(reader, path, before, after)
  for await (const each of difference.items()) {
    if (item !== undefined && !isOf(each, item)) continue
    const [old, present] = [
      before && each.from && (await annotatedItemAt(reader, before, each.from)),
      after && each.to && (await annotatedItemAt(reader, after, each.to)),
    ]
    if (old && changeMatches(queries.before, old, each, 'before')) return true
    if (present && changeMatches(queries.after, present, each, 'after')) return true
  }
  return false
}

function isOf({ from, to }: ItemDiff, key: ItemKey): boolean {
  return [from, to].some((side) => side !== undefined && compareItemKeys(side, key) === 0)
}

/** Returns whether the record of an item, or one of its layers, differs between two versions. */
async function itemDiffers(
  reader: ObjectReader,
  before: DatasetRecord | undefined,
  after: DatasetRecord | undefined,
  key: ItemKey,
): Promise<boolean> {
  const layers = new Set([...(before?.layers.keys() ?? []), ...(after?.layers.keys() ?? [])])
  const pairs = [
    [before?.items, after?.items] as const,
    ...[...layers].map((name) => [before?.layers.get(name), after?.layers.get(name)] as const),
  ]
  const keyBytes = encodeItemKey(key)
  for (const [left, right] of pairs) {
    if (left?.root === right?.root) continue
    const [a, b] = [
      await getEntry(reader, left ?? EMPTY_TREE, keyBytes),
      await getEntry(reader, right ?? EMPTY_TREE, keyBytes),
    ]
    if (a === undefined || b === undefined ? a !== b : !isSameEntry(a, b)) return true
  }
  return false
}

/** Returns whether the query matches with an annotation that differs, seen from one side. */
function changeMatches(
  query: Query,
  item: AnnotatedItem,
  { layers }: ItemDiff,
  side: 'before' | 'after',
): boolean {
  if (!query.needsAnnotations) return query.matchesItem(item)
  const changed = new Set<string>()
  for (const [layer, { added, removed, changed: edited }] of layers) {
    const alone = side === 'before' ? removed : added
    for (const { uid } of alone) changed.add(`${layer}\0${uid}`)
    for (const { key: uid } of edited) changed.add(`${layer}\0${uid}`)
  }
  return query
    .matchingAnnotations(item)
    .some(({ layer, annotation }) => changed.has(`${layer}\0${annotation.uid}`))
}
