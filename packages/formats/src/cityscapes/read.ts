import {
  type AnnotationDraft,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  maskGeometry,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { isCrowdValue, THOUSANDS } from '../shared/instance-values.ts'
import { parsePolygons } from '../shared/labelled-polygons.ts'
import { decodeLabelPlane, planeMasks, UNLABELLED } from '../shared/label-plane.ts'
import { type LabelTable, readLabelTable } from '../shared/label-table.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type CityscapesItem, findCityscapesFiles, type GroundTruthKind } from './find-files.ts'
import { layoutToJson } from './layout.ts'

const FILES_AT_ONCE = 4

/** The layer of polygons where an image has masks too: both say the same. */
export const POLYGON_LAYER = 'polygons'

/** Reads Cityscapes; memory grows with the list of files. @throws `DSV_FORMAT_SYNTAX` */
export async function readCityscapes(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = findCityscapesFiles(await folder.list())
  const table = await readLabelTable(folder, files.labels, 'cityscapes', context)
  const reading: Reading = { folder, context, table, root: files.root }
  return {
    schema: { categories: table.categories, attributes: [], info: {} },
    layout: layoutToJson({ root: files.root, labels: files.labels, kinds: [...files.kinds] }),
    items: readAhead(files.items, FILES_AT_ONCE, async (item) => readItem(item, reading)),
  }
}

interface Reading {
  readonly folder: Folder
  readonly context: ReadContext
  readonly table: LabelTable
  readonly root: string
}

async function readItem(item: CityscapesItem, reading: Reading): Promise<SourceItem> {
  const { subset, id, image, files } = item
  const { context, folder, table, root } = reading
  context.signal.throwIfAborted()
  const where = `${subset}/${id}`
  if (item.hasCoarseBeside) context.onLoss({ what: 'coarse annotations', where })
  const masks = await readMasks(item, reading)
  let polygons: readonly AnnotationDraft[] = []
  let size = {}
  const path = files.get('polygons')
  try {
    if (path !== undefined) {
      const byName = new Map(table.categories.map((category) => [category.name, category]))
      const { drafts, deleted, width, height } = parsePolygons(await folder.read(path), path, {
        categories: byName,
        format: 'cityscapes',
      })
      polygons = drafts
      if (width !== undefined && height !== undefined) size = { width, height }
      if (deleted > 0) context.onLoss({ what: 'deleted polygons', where })
    }
  } catch (error) {
    skipOrThrow(error, path ?? '', context)
  }
  const info = image === undefined ? undefined : await context.probe(image)
  const hasBoth = masks.length > 0 && polygons.length > 0
  return {
    subset,
    id,
    media: [
      {
        role: 'primary',
        path: image ?? `${root}leftImg8bit/${subset}/${id}_leftImg8bit.png`,
        ...size,
        ...info,
        kind: 'image',
      },
    ],
    ...(item.quality === 'gtCoarse' && { extra: { cityscapes: { quality: 'gtCoarse' } } }),
    layers: {
      [GROUND_TRUTH]: masks.length > 0 ? masks : polygons,
      ...(hasBoth && { [POLYGON_LAYER]: polygons }),
    },
  }
}

const MASK_KINDS: readonly GroundTruthKind[] = ['instanceIds', 'labelIds', 'labelTrainIds']

async function readMasks(
  { files }: CityscapesItem,
  { folder, context, table }: Reading,
): Promise<readonly AnnotationDraft[]> {
  const kind = MASK_KINDS.find((each) => files.has(each))
  const path = kind === undefined ? undefined : files.get(kind)
  if (path === undefined) return []
  const classes = kind === 'labelTrainIds' ? table.byTrainId : table.byId
  const classOf = (value: number): number => THOUSANDS.parse(value).label
  try {
    const plane = decodeLabelPlane(await folder.read(path), path, {
      ofIndex: (value) => {
        const label = classOf(value)
        if (!classes.has(label)) return undefined
        return classes.get(label) === undefined ? UNLABELLED : value
      },
      ofColor: () => undefined,
    })
    return [...planeMasks(plane)].map(([value, mask]): AnnotationDraft => {
      const category = classes.get(classOf(value))
      const isCrowd =
        kind === 'instanceIds' && category !== undefined && isCrowdValue(category, value, THOUSANDS)
      return {
        ...maskGeometry(mask),
        ...(category !== undefined && { category: category.key }),
        ...(isCrowd && { crowd: true }),
        ...(kind === 'instanceIds' && { sourceId: value }),
      }
    })
  } catch (error) {
    skipOrThrow(error, path, context)
    return []
  }
}
