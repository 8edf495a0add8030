import type {
  AnnotatedItem,
  Category,
  DatasetView,
  ItemEdit,
  Json,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { formatLabelMap, isLabelName, isPart, LABEL_MAP } from './label-map.ts'
import { maskTable } from './mask-table.ts'
import { type ItemPlanner, planItem } from './plan-item.ts'
import { layoutCategories } from './read.ts'
import {
  DEVKIT_LAYOUT,
  FLAT_LAYOUT,
  layoutFromJson,
  layoutToJson,
  type VocLayout,
} from './voc-layout.ts'
import { baseOf, filesOf, imagePathOf, vocOf, writeItem } from './write-item.ts'
import { addMember, newSetLines, type SetLines, writeSets } from './write-sets.ts'

/**
 * Writes the dataset in its layout, else in that of the development kit, or with XML files beside the
 * images (`flat`).
 */
export async function write(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const planner = plannerOf(dataset, context)
  const { layout } = planner
  const { categories } = dataset.schema
  const lines = newSetLines(layout)
  const shared = await sharedIds(dataset)
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    const base = baseOf(item, shared.has(item.id), layout)
    const { plan } = await writeItem(item, base, folder, planner)
    addItem(lines, item, base, plan, planner)
  }
  reportSchema(dataset, planner)
  const sets = await writeSets(lines, categories, layout, folder)
  const hasLabelMap = layout.hasLabelMap || !hasSameCategories(dataset, layout)
  if (hasLabelMap) {
    await folder.write(layout.root + LABEL_MAP, Buffer.from(formatLabelMap(categories)))
  }
  return layoutToJson({ ...layout, ...sets, hasLabelMap, categories: layoutCategories(categories) })
}

/**
 * Writes the files of the items that were edited, and the image sets unless it is certain that they
 * say the same. Undefined when categories, variant or the names of files change.
 */
export async function writeChanged(
  dataset: DatasetView,
  edits: readonly ItemEdit[],
  folder: WritableFolder,
  context: WriteContext,
): Promise<readonly string[] | undefined> {
  context.signal.throwIfAborted()
  const planner = plannerOf(dataset, context)
  const { layout } = planner
  if (layoutFromJson(dataset.layout)?.kind !== layout.kind) return undefined
  if (!hasSameCategories(dataset, layout)) return undefined
  for (const { before, after } of edits) {
    if (await isSharedId(dataset, before ?? after)) return undefined
  }
  const removed = new Set<string>()
  const written = new Set<string>()
  for (const { before } of edits) {
    if (before === undefined) continue
    for (const path of Object.values(filesOf(baseOf(before, false, layout), layout))) {
      removed.add(path)
    }
    // An image that stays without its XML file would be an item without annotations.
    for (const { path } of before.media) removed.add(path)
  }
  for (const { after } of edits) {
    if (after === undefined) continue
    const base = baseOf(after, false, layout)
    const { unused } = await writeItem(after, base, folder, planner)
    for (const path of Object.values(filesOf(base, layout))) {
      if (!unused.includes(path)) written.add(path)
    }
    const image = imagePathOf(after, base, layout)
    if (image !== undefined) written.add(image)
  }
  if (layout.kind === 'devkit' && edits.some((edit) => mayChangeSets(edit, planner))) {
    await rewriteSets(dataset, folder, planner)
  }
  return [...removed].filter((path) => !written.has(path)).toSorted()
}

function plannerOf(dataset: DatasetView, context: WriteContext): ItemPlanner {
  const { categories } = dataset.schema
  return {
    layout: layoutOf(dataset.layout, context.variant),
    table: maskTable(categories),
    categories: new Map(categories.map((category) => [category.key, category])),
    layer: context.layer,
    onLoss: context.onLoss,
  }
}

function layoutOf(json: Json, variant: string | undefined): VocLayout {
  const remembered = layoutFromJson(json)
  const kind = variant ?? remembered?.kind ?? 'devkit'
  if (remembered?.kind === kind) return remembered
  return kind === 'flat' ? FLAT_LAYOUT : DEVKIT_LAYOUT
}

/** Ids that more than one subset uses: their files cannot have the same name. */
async function sharedIds(dataset: DatasetView): Promise<ReadonlySet<string>> {
  const shared = new Set<string>()
  if (dataset.subsets.length < 2) return shared
  const seen = new Set<string>()
  for await (const { id } of dataset.items()) {
    if (seen.has(id)) shared.add(id)
    seen.add(id)
  }
  return shared
}

async function isSharedId(
  dataset: DatasetView,
  item: { readonly subset: string; readonly id: string } | undefined,
): Promise<boolean> {
  if (item === undefined) return false
  for (const subset of dataset.subsets) {
    if (subset === item.subset) continue
    if ((await dataset.item({ subset, id: item.id })) !== undefined) return true
  }
  return false
}

function addItem(
  lines: SetLines,
  item: AnnotatedItem,
  base: string,
  plan: ReturnType<typeof planItem>,
  { layout, onLoss }: ItemPlanner,
): void {
  const { labels, boxes, masks } = plan
  const member = {
    base,
    subset: item.subset,
    where: `${item.subset}/${item.id}`,
    sets: vocOf(item)['sets'],
    hasMasks: masks.length > 0,
    labels,
    boxes,
  }
  addMember(lines, member, layout, onLoss)
}

/** Whether an edit can touch image sets; `before` has no annotations, so labels count as changed. */
function mayChangeSets({ before, after }: ItemEdit, { layout }: ItemPlanner): boolean {
  if (before === undefined || after === undefined) return true
  if (layout.classSets.length > 0 || layout.sets.some((set) => !set.startsWith('Main/')))
    return true
  const annotations = Object.values(after.layers).flat()
  return (
    before.subset !== after.subset ||
    before.id !== after.id ||
    JSON.stringify(vocOf(before)) !== JSON.stringify(vocOf(after)) ||
    annotations.some(({ type }) => type !== 'box')
  )
}

async function rewriteSets(
  dataset: DatasetView,
  folder: WritableFolder,
  planner: ItemPlanner,
): Promise<void> {
  const lines = newSetLines(planner.layout)
  const silent = { ...planner, onLoss: () => undefined }
  const shared = await sharedIds(dataset)
  for await (const item of dataset.items()) {
    const base = baseOf(item, shared.has(item.id), planner.layout)
    addItem(lines, item, base, planItem(item, silent), silent)
  }
  await writeSets(lines, dataset.schema.categories, planner.layout, folder)
}

function hasSameCategories(dataset: DatasetView, { categories }: VocLayout): boolean {
  const now = layoutCategories(dataset.schema.categories)
  return now.length === categories.length && now.every((line, index) => line === categories[index])
}

function reportSchema({ schema }: DatasetView, { onLoss }: ItemPlanner): void {
  const names = new Set<string>()
  for (const category of schema.categories) {
    for (const what of categoryLosses(category, names)) onLoss({ what, where: category.name })
    names.add(category.name)
  }
  for (const { name } of schema.attributes) onLoss({ what: 'schema: attribute', where: name })
  for (const name of Object.keys(schema.info)) onLoss({ what: 'schema: info', where: name })
}

function categoryLosses(category: Category, names: ReadonlySet<string>): readonly string[] {
  if (!isLabelName(category.name) || names.has(category.name)) return ['category']
  const held = new Set(['key', 'name', 'color', 'extra', ...(isPart(category) ? ['parent'] : [])])
  const lost = Object.keys(category).filter((field) => !held.has(field))
  const extra = Object.keys(category.extra ?? {}).filter((name) => name !== 'voc')
  return [...lost, ...extra].map((field) => `category: ${field}`)
}
