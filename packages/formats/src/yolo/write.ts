import type { AnnotatedItem, DatasetView, Json, WritableFolder, WriteContext } from '@dsv/core'
import { textPieces } from '../shared/text-pieces.ts'
import { writeClassFolders } from '../shared/write-class-folders.ts'
import { dataYamlText, namesText, objDataText } from './config-text.ts'
import { type ItemFiles, itemFiles } from './item-files.ts'
import { type LabelWriting, labelText } from './label-text.ts'
import { EMPTY_LAYOUT, layoutToJson, type YoloLayout } from './layout.ts'
import { reportItem, reportSchema } from './report-losses.ts'
import { writeLayout, type WriteLayout } from './write-layout.ts'

/** Writes a dataset as YOLO, in its layout or in the usual one of the variant. */
export async function writeYolo(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const plan = await writeLayout(dataset, context.variant)
  if (plan.layout.variant === 'ultralytics-classify') return writeClassify(dataset, folder, context)
  reportSchema(dataset.schema, plan.layout.shape.task === 'pose', context.onLoss)
  for (const subset of plan.renamed.keys())
    context.onLoss({ what: 'item', where: `subset ${subset}` })
  await writeConfig(dataset, plan, folder)
  const writing: LabelWriting = { ...plan, layer: context.layer, onLoss: context.onLoss }
  const listed = new Map<string, string[]>()
  const shared = new Map<string, string>()
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    const renamed = { ...item, subset: plan.renamed.get(item.subset) ?? item.subset }
    const files = await writeItem(renamed, writing, folder, shared)
    const list = listOf(renamed, plan.layout)
    if (list !== undefined) {
      const lines = listed.get(list) ?? []
      lines.push(`${listPrefix(list, renamed, plan.layout)}${files.image}\n`)
      listed.set(list, lines)
    }
  }
  for (const list of new Set(plan.layout.subsets.flatMap(({ lists }) => lists))) {
    await folder.write(list, textPieces(listed.get(list) ?? []))
  }
  return layoutToJson(plan.layout)
}

/** Writes image and label file of one item; returns where. */
export async function writeItem(
  item: AnnotatedItem,
  writing: LabelWriting,
  folder: WritableFolder,
  shared: Map<string, string>,
): Promise<ItemFiles & { readonly hasLabel: boolean }> {
  const where = `${item.subset}/${item.id}`
  reportItem(item, writing.layer, writing.onLoss)
  const files = itemFiles(item, writing.layout)
  const text = labelText(item, writing)
  const [medium] = item.media
  if (medium !== undefined) await folder.placeMedia(files.image, medium)
  const isListed = listOf(item, writing.layout) !== undefined
  if (medium === undefined && text === '' && !isListed) writing.onLoss({ what: 'item', where })
  if (files.sharesLabel) {
    const other = shared.get(files.label)
    if (other !== undefined && other !== text) {
      writing.onLoss({ what: 'annotations of images that share a label file', where })
    }
    shared.set(files.label, text)
  }
  const hasLabel = text !== '' || writing.layout.hasEmptyLabels
  if (hasLabel) await folder.write(files.label, Buffer.from(text))
  return { ...files, hasLabel }
}

/** Returns the list that names the image of an item, or undefined when its folder does. */
export function listOf(item: AnnotatedItem, layout: YoloLayout): string | undefined {
  const subset = layout.subsets.find(({ name }) => name === item.subset)
  const path = item.media[0]?.path ?? ''
  if (subset?.folders.some((root) => root === '' || path.startsWith(`${root}/`)) === true) {
    return undefined
  }
  return subset?.lists[0]
}

/** Darknet's lists name images as its configuration names the list; others from the list's folder. */
function listPrefix(list: string, item: AnnotatedItem, layout: YoloLayout): string {
  if (layout.variant !== 'darknet') return list.includes('/') ? '' : './'
  const sources = layout.subsets.find(({ name }) => name === item.subset)?.sources
  const isPrefixed = typeof sources === 'string' && sources.endsWith(list)
  return isPrefixed ? sources.slice(0, sources.length - list.length) : ''
}

async function writeConfig(
  { schema }: DatasetView,
  { layout, indexes }: WriteLayout,
  folder: WritableFolder,
): Promise<void> {
  if (layout.variant === 'darknet') {
    await folder.write(layout.file, Buffer.from(objDataText(layout, schema)))
  } else if (layout.names !== 'file') {
    await folder.write(layout.file, Buffer.from(dataYamlText(layout, schema, indexes)))
  }
  if (layout.namesFile !== undefined) {
    await folder.write(layout.namesFile, Buffer.from(namesText(schema, indexes)))
  }
}

async function writeClassify(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  await writeClassFolders(dataset, folder, context)
  const subsets = dataset.subsets.map((name) => ({
    name,
    sources: name,
    folders: [name],
    lists: [],
  }))
  return layoutToJson({ ...EMPTY_LAYOUT, variant: 'ultralytics-classify', subsets })
}
