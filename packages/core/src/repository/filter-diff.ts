import type { ObjectReader } from '@dsv/store'
import type { AnnotationDiff } from '../diff/diff-annotations.ts'
import { EMPTY_SCHEMA_DIFF } from '../diff/diff-schema.ts'
import type { ItemDiff } from '../diff/summarize-diff.ts'
import type { ItemKey } from '../model/item.ts'
import { compileQuery, type Query } from '../query/compile-query.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { isBelow } from '../working-tree/path-range.ts'
import { annotatedItemAt } from './dataset-view.ts'
import type { DatasetDiff, SnapshotDiff } from './diff-snapshots.ts'

/** Which part of a diff is wanted; all that is given has to hold. */
export interface DiffFilter {
  /** Files and datasets at, below or above one of these; none means all. */
  readonly paths?: readonly string[]
  /**
   * A query: only annotations that match it before or after, and items of which something is left.
   * Schemas and plain files have nothing to match.
   */
  readonly where?: string
}

/**
 * Returns the part of a diff that a filter lets through. Nothing is read before it is asked for.
 *
 * @throws `DSV_QUERY_SYNTAX`
 */
export function filterDiff(
  difference: SnapshotDiff,
  reader: ObjectReader,
  { paths = [], where }: DiffFilter,
): SnapshotDiff {
  const isWanted = (path: string): boolean =>
    paths.length === 0 || paths.some((each) => isBelow(path, each))
  const touches = (path: string): boolean =>
    isWanted(path) || paths.some((each) => isBelow(each, path))
  // A query that makes no sense is refused even when nothing differs.
  if (where !== undefined) compileQuery(where)
  const datasets = difference.datasets.filter(({ path }) => touches(path))
  return {
    datasets:
      where === undefined
        ? datasets
        : datasets.map((dataset) => matchingPart(reader, dataset, where)),
    files: async function* files() {
      if (where !== undefined) return
      for await (const file of difference.files()) if (isWanted(file.path)) yield file
    },
  }
}

function matchingPart(reader: ObjectReader, dataset: DatasetDiff, where: string): DatasetDiff {
  const queries = {
    from: compileQuery(where, dataset.schemas.from),
    to: compileQuery(where, dataset.schemas.to),
  }
  return {
    ...dataset,
    schema: EMPTY_SCHEMA_DIFF,
    items: async function* items() {
      for await (const item of dataset.items()) {
        const before = await matchesOf(reader, dataset.records.from, item.from, queries.from)
        const after = await matchesOf(reader, dataset.records.to, item.to, queries.to)
        const part = matchingItem(item, before, after)
        if (part !== undefined) yield part
      }
    },
  }
}

/** What of one version of an item matches. */
interface Matches {
  readonly isItem: boolean
  /** Layer and uid of annotations. */
  readonly annotations: ReadonlySet<string>
}

const NO_MATCHES: Matches = { isItem: false, annotations: new Set() }

async function matchesOf(
  reader: ObjectReader,
  record: DatasetRecord | undefined,
  key: ItemKey | undefined,
  query: Query,
): Promise<Matches> {
  if (record === undefined || key === undefined) return NO_MATCHES
  const item = await annotatedItemAt(reader, record, key)
  if (item === undefined) return NO_MATCHES
  const annotations = query.matchingAnnotations(item)
  return {
    isItem: query.matchesItem(item),
    annotations: new Set(annotations.map(({ layer, annotation }) => nameOf(layer, annotation.uid))),
  }
}

function nameOf(layer: string, uid: string): string {
  return JSON.stringify([layer, uid])
}

/** Annotations that do not match are left out; an item of which nothing is left, too. */
function matchingItem(diff: ItemDiff, before: Matches, after: Matches): ItemDiff | undefined {
  if (!before.isItem && !after.isItem) return undefined
  const layers = new Map<string, AnnotationDiff>()
  for (const [layer, { added, removed, changed }] of diff.layers) {
    const isMatch = (uid: string): boolean =>
      before.annotations.has(nameOf(layer, uid)) || after.annotations.has(nameOf(layer, uid))
    const part = {
      added: added.filter(({ uid }) => isMatch(uid)),
      removed: removed.filter(({ uid }) => isMatch(uid)),
      changed: changed.filter(({ key }) => isMatch(key)),
    }
    if (part.added.length + part.removed.length + part.changed.length > 0) layers.set(layer, part)
  }
  const isWhole = diff.from === undefined || diff.to === undefined
  const isItemChanged = diff.item !== undefined || diff.from?.subset !== diff.to?.subset
  return layers.size > 0 || isWhole || isItemChanged ? { ...diff, layers } : undefined
}
