import type { DatasetDiff, DiffSummary, FileDiff, Schema, SnapshotDiff } from '@dsv/core'
import { diffSummarizer, isEmptySchemaDiff } from '@dsv/core'
import { oneLine } from './annotation-text.ts'
import { itemLines, itemName } from './item-lines.ts'
import type { Paint } from './paint.ts'
import { countOf } from './quantities.ts'
import { schemaLines } from './schema-lines.ts'
import { statLines } from './stat-lines.ts'

/** What of a diff is shown: everything, sums, or only names. */
export type DiffDetail = 'full' | 'stat' | 'names'

/**
 * Yields a diff as lines: for each dataset its schema, its items and their annotations, then the plain
 * files. A dataset that is new or gone is summed up.
 *
 * @yields one or several lines, each with its line feed
 */
export async function* diffLines(
  difference: SnapshotDiff,
  detail: DiffDetail,
  paint: Paint,
): AsyncGenerator<string, void, undefined> {
  const shown = new Set<string>()
  for (const dataset of difference.datasets) {
    let isShown = false
    for await (const lines of datasetLines(dataset, detail, paint)) {
      yield `${lines}\n`
      isShown = true
    }
    if (isShown) shown.add(dataset.path)
  }
  for await (const file of difference.files()) {
    // What the files of a dataset mean was shown already.
    if (file.dataset !== undefined && shown.has(file.dataset)) continue
    yield `${fileLine(file, detail, paint)}\n`
  }
}

/** Returns the sums of a dataset; reads all that changed in it. */
export async function summarize({ items }: Pick<DatasetDiff, 'items'>): Promise<DiffSummary> {
  const summarizer = diffSummarizer()
  for await (const item of items()) summarizer.add(item)
  return summarizer.summary()
}

async function* datasetLines(
  dataset: DatasetDiff,
  detail: DiffDetail,
  paint: Paint,
): AsyncGenerator<string, void, undefined> {
  const title = paint.title(datasetTitle(dataset))
  if (detail === 'names') {
    yield* nameLines(dataset, paint)
    return
  }
  if (detail === 'stat' || dataset.change !== 'changed') {
    yield [title, ...statLines(await summarize(dataset), dataset, paint)].join('\n')
    return
  }
  const { from, to } = dataset.formats
  const schema = schemaLines(dataset.schema, paint)
  let isTitled = from !== to || schema.length > 0
  if (isTitled) yield [title, ...schema.map((line) => `  ${line}`)].join('\n')
  const names = { from: namesOf(dataset.schemas.from), to: namesOf(dataset.schemas.to), paint }
  for await (const item of dataset.items()) {
    const lines = itemLines(item, names).map((line) => `  ${line}`)
    yield [...(isTitled ? [] : [title]), ...lines].join('\n')
    isTitled = true
  }
}

async function* nameLines(
  { path, schema, items }: DatasetDiff,
  paint: Paint,
): AsyncGenerator<string, void, undefined> {
  if (!isEmptySchemaDiff(schema)) yield paint.changed(`M  ${path || '.'}: schema`)
  for await (const { from, to } of items()) {
    const place = path === '' ? '' : `${path}: `
    if (from === undefined) yield paint.added(`A  ${place}${to ? itemName(to) : ''}`)
    else if (to === undefined) yield paint.removed(`D  ${place}${itemName(from)}`)
    else if (from.subset === to.subset) yield paint.changed(`M  ${place}${itemName(to)}`)
    else yield paint.changed(`R  ${place}${itemName(from)} → ${itemName(to)}`)
  }
}

/** Returns the line that names a dataset: `dataset data/street (voc)`. */
export function datasetTitle({
  path,
  change,
  formats: { from, to },
}: Pick<DatasetDiff, 'path' | 'change' | 'formats'>): string {
  const word = { added: 'new dataset', removed: 'removed dataset', changed: 'dataset' }[change]
  const format =
    from === undefined || to === undefined || from === to ? (to ?? from) : `${from} → ${to}`
  return `${word} ${oneLine(path === '' ? '.' : path)} (${format ?? 'unknown format'})`
}

function fileLine({ path, from, to }: FileDiff, detail: DiffDetail, paint: Paint): string {
  const name = oneLine(path)
  const delta = sizeOf(to) - sizeOf(from)
  const note =
    detail === 'stat' ? `  ${delta < 0 ? '-' : '+'}${countOf(Math.abs(delta), 'byte')}` : ''
  if (from === undefined) return paint.added(`A  ${name}${note}`)
  if (to === undefined) return paint.removed(`D  ${name}${note}`)
  return paint.changed(`${from.type === to.type ? 'M' : 'T'}  ${name}${note}`)
}

function sizeOf(file: FileDiff['from']): number {
  return file !== undefined && 'sizeBytes' in file ? file.sizeBytes : 0
}

function namesOf({ categories }: Schema): ReadonlyMap<string, string> {
  return new Map(categories.map(({ key, name }) => [key, name]))
}
