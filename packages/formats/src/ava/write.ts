import type {
  AnnotatedItem,
  Annotation,
  Category,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { csvRow } from '../shared/csv-text.ts'
import { isObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { normaliseBox, roundedFields } from '../shared/normalised-box.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { textSpool, type TextSpool } from '../shared/text-spool.ts'
import { type Action, formatActionList } from './action-list.ts'
import { frameFiles, frameOfId } from './frame-name.ts'

const HOLDS: Holdings = {
  format: 'ava',
  fields: new Set(['category', 'track']),
  itemAttribute: (name, value) => name === 'excluded' && value === true,
}

/** Writes a table for each subset, the list of actions, and frames. */
export async function writeAva(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const { schema } = dataset
  reportSchemaLosses(schema, HOLDS, context.onLoss)
  const layout = layoutOf(dataset.layout)
  const { folder: place, release } = layout
  const actions = actionsOf(schema.categories)
  const list = formatActionList([...actions.values()])
  await folder.write(`${place}ava_action_list_v${release}.pbtxt`, Buffer.from(list))
  for (const subset of dataset.subsets.length === 0 ? ['default'] : dataset.subsets) {
    await writeSubset({ dataset, folder, context, layout, actions, subset })
  }
  return { version: 1, ...layout }
}

interface AvaLayout {
  readonly folder: string
  readonly frames: string
  readonly release: string
}

function layoutOf(json: Json): AvaLayout {
  const { folder, frames, release } = isObject(json) ? json : {}
  return typeof folder === 'string' && typeof frames === 'string' && typeof release === 'string'
    ? { folder, frames, release }
    : { folder: 'annotations/', frames: 'frames/', release: '2.2' }
}

/** Actions by category: the numbers that were read, and further ones. */
function actionsOf(categories: readonly Category[]): ReadonlyMap<string, Action> {
  const actions = new Map<string, Action>()
  const used = new Set<number>()
  const numberOf = ({ sourceIds }: Category): number | undefined => {
    const own = sourceIds?.['ava']
    return typeof own === 'number' && Number.isSafeInteger(own) && own >= 0 && own < 1e9
      ? own
      : undefined
  }
  for (const category of categories) used.add(numberOf(category) ?? 0)
  const taken = new Set<number>()
  let last = 0
  for (const category of categories) {
    const own = numberOf(category)
    let id = own ?? 0
    if (own === undefined || taken.has(own)) {
      do last += 1
      while (used.has(last))
      id = last
    }
    taken.add(id)
    const extra = category.extra?.['ava']
    const kind = isObject(extra) ? extra['label_type'] : undefined
    const isKind = typeof kind === 'string' && /^[A-Z_]{1,64}$/u.test(kind)
    actions.set(category.key, { id, name: category.name, kind: isKind ? kind : undefined })
  }
  return actions
}

interface Writer {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly layout: AvaLayout
  readonly actions: ReadonlyMap<string, Action>
  readonly subset: string
}

async function writeSubset(writer: Writer): Promise<void> {
  const { dataset, folder, layout, subset } = writer
  const tables = { rows: textSpool(), excluded: textSpool() }
  const start = `${layout.folder}ava_${subset}`
  try {
    for await (const item of dataset.items(subset)) await writeItem(writer, item, tables)
    await folder.write(`${start}_v${layout.release}.csv`, tables.rows.content())
    if (tables.excluded.isEmpty()) return
    const path = `${start}_excluded_timestamps_v${layout.release}.csv`
    await folder.write(path, tables.excluded.content())
  } finally {
    await tables.rows.close()
    await tables.excluded.close()
  }
}

async function writeItem(
  { dataset, folder, context, layout, actions }: Writer,
  item: AnnotatedItem,
  tables: { readonly rows: TextSpool; readonly excluded: TextSpool },
): Promise<void> {
  const { onLoss, layer, signal } = context
  signal.throwIfAborted()
  const medium = imageOf(item, onLoss)
  if (medium === undefined) return
  const where = `${item.subset}/${item.id}`
  const frame = frameOfId(item.id)
  if (frame.timestamp === '') {
    onLoss({ what: 'item', where: `${where}: its id ends with /` })
    return
  }
  reportItemLosses(item, HOLDS, layer, onLoss)
  let isListed = false
  if (item.attributes?.['excluded'] === true) {
    await tables.excluded.add(csvRow([frame.video, frame.timestamp]))
    isListed = true
  }
  for (const annotation of item.layers[layer] ?? []) {
    const fields = fieldsOf(annotation, medium, actions, where, onLoss)
    if (fields === undefined) continue
    await tables.rows.add(csvRow([frame.video, frame.timestamp, ...fields]))
    isListed = true
  }
  if (!isListed) await tables.rows.add(csvRow([frame.video, frame.timestamp]))
  if (medium.blob === undefined) return
  const [usual = ''] = frameFiles(frame)
  const stem = withoutExtension(medium.path)
  const isKept =
    dataset.layout !== null && frameFiles(frame).some((name) => stem === layout.frames + name)
  const path = `${layout.frames}${safeMediaName(usual)}${suffixOf(medium.path, '.jpg')}`
  await folder.placeMedia(isKept ? medium.path : path, medium)
}

/** The fields of the row of a box; undefined and reported for anything else. */
function fieldsOf(
  annotation: Annotation,
  { width = 0, height = 0 }: Media,
  actions: ReadonlyMap<string, Action>,
  where: string,
  onLoss: WriteContext['onLoss'],
): readonly string[] | undefined {
  if (annotation.type !== 'box' || !(width > 0 && height > 0)) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return undefined
  }
  reportAnnotationLosses(annotation, HOLDS, where, onLoss)
  const box = [annotation.x, annotation.y, annotation.width, annotation.height] as const
  for (const field of roundedFields(box, { width, height })) {
    onLoss({ what: `field: ${field}`, where })
  }
  const { left, top, right, bottom } = normaliseBox(box, { width, height })
  const { category, track } = annotation
  // A text that looks like a number, or is empty, comes back as something else.
  const isOther =
    typeof track === 'string' &&
    (track.trim() !== track || track === String(Number(track)) || track === '')
  if (isOther) onLoss({ what: 'field: track', where })
  const action = actions.get(category ?? '')
  return [...[left, top, right, bottom].map(String), String(action?.id ?? ''), String(track ?? '')]
}
