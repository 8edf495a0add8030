import type { DatasetView, Json } from '@dsv/core'
import { isNumbers, isObject } from '../shared/json-reader.ts'
import { classLines, indexesByKey } from './classes.ts'
import { isReservedSubset } from './config-text.ts'
import { YOLO_VARIANTS, type YoloVariant } from './format.ts'
import { newFolderOf } from './item-files.ts'
import type { LineShape } from './label-line.ts'
import { EMPTY_LAYOUT, layoutFromJson, type YoloLayout, type YoloSubset } from './layout.ts'

/** The layout to write in, and how far it is the one that was read. */
export interface WriteLayout {
  readonly layout: YoloLayout
  readonly isOwn: boolean
  readonly indexes: ReadonlyMap<string, number>
  /** Subsets that need another name, because the configuration means something else by theirs. */
  readonly renamed: ReadonlyMap<string, string>
}

/** Returns the layout to write a dataset in: its own, or the usual one of the variant. */
export async function writeLayout(
  dataset: DatasetView,
  variant: string | undefined,
): Promise<WriteLayout> {
  const own = layoutFromJson(dataset.layout)
  const wanted =
    YOLO_VARIANTS.find((name) => name === variant) ?? own?.variant ?? 'ultralytics-detect'
  const isOwn = own !== undefined && own.variant === wanted
  const base = isOwn ? own : await usualLayout(wanted, dataset)
  const known = new Set(base.subsets.map(({ name }) => name))
  const added = dataset.subsets.filter((name) => !known.has(name))
  const renamed = new Map<string, string>()
  for (const name of added) if (isReservedSubset(name, wanted)) renamed.set(name, `${name}_subset`)
  const subsets = added.map((name) => newSubset(renamed.get(name) ?? name, base))
  const indexes = indexesByKey(dataset.schema, isOwn && base.names !== 'file')
  const classes = classLines(dataset.schema, indexes)
  const layout = { ...base, subsets: [...base.subsets, ...subsets], classes }
  return { layout, isOwn, indexes, renamed }
}

async function usualLayout(variant: YoloVariant, dataset: DatasetView): Promise<YoloLayout> {
  if (variant === 'darknet') {
    return { ...EMPTY_LAYOUT, variant, file: 'obj.data', namesFile: 'obj.names', keys: ['classes'] }
  }
  const shape = await shapeOf(variant, dataset)
  const task = shape.task === 'detect' ? [] : ['task']
  return { ...EMPTY_LAYOUT, variant, file: 'data.yaml', names: 'map', keys: task, shape }
}

async function shapeOf(variant: YoloVariant, dataset: DatasetView): Promise<LineShape> {
  if (variant === 'ultralytics-segment') return { task: 'segment', isTracked: false }
  if (variant === 'ultralytics-obb') return { task: 'obb', isTracked: false }
  if (variant !== 'ultralytics-pose') return { task: 'detect', isTracked: false }
  return { task: 'pose', isTracked: false, keypoints: await keypointsOf(dataset) }
}

async function keypointsOf(dataset: DatasetView): Promise<{ count: number; dimensions: number }> {
  const info: Json | undefined = dataset.schema.info['yolo']
  const stated = isObject(info) ? info['kpt_shape'] : undefined
  if (isNumbers(stated) && stated[0] !== undefined) return { count: stated[0], dimensions: 3 }
  let count = 1
  for (const { skeleton } of dataset.schema.categories) {
    count = Math.max(count, skeleton?.points.length ?? 0)
  }
  for await (const item of dataset.items()) {
    for (const annotation of Object.values(item.layers).flat()) {
      if (annotation.type === 'points') count = Math.max(count, annotation.visibility.length)
    }
  }
  return { count, dimensions: 3 }
}

function newSubset(name: string, layout: YoloLayout): YoloSubset {
  const folder = newFolderOf(name, layout)
  if (layout.variant !== 'darknet') return { name, sources: folder, folders: [folder], lists: [] }
  return { name, sources: `data/${name}.txt`, folders: [], lists: [`${name}.txt`] }
}
