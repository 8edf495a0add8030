import {
  type AnnotationDraft,
  type BoxNumbers,
  type Category,
  type Folder,
  formatCounts,
  type Json,
  type ReadContext,
} from '@dsv/core'
import { indexRecords } from '../shared/image-records.ts'
import {
  arrayAt,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  parseJson,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import { decodeLabelPlane, planeMasks, UNLABELLED } from '../shared/label-plane.ts'

/** Where the panoptic segments of images are described. */
export interface PanopticIndex {
  readonly path: string
  /** Categories of the file by their id. */
  readonly categories: ReadonlyMap<number, Category>
  /** Offset and length in the file of the record of an image. */
  readonly records: ReadonlyMap<string, readonly [offset: number, length: number]>
}

/**
 * Looks through a file of panoptic segments once; memory grows with the number of images.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function indexPanoptic(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<PanopticIndex> {
  const categories = new Map<number, Category>()
  const ids = new Set<string>()
  const { spans } = await indexRecords(
    folder,
    path,
    {
      list: 'annotations',
      imageOf: ({ image_id: id }) => {
        if (typeof id !== 'string') return undefined
        ids.add(id)
        return id
      },
      elements: {
        categories: (value) => {
          const [id, category] = categoryOf(value, { file: path, path: 'categories' })
          categories.set(id, category)
        },
      },
    },
    context,
  )
  const records = [...ids].map((id, at) => {
    return [id, [spans[at * 2] ?? 0, spans[at * 2 + 1] ?? 0]] as const
  })
  return { path, categories, records: new Map(records) }
}

/**
 * Reads the segments of one image; a pixel says its segment as red + 256 green + 65536 blue. Segments
 * that nothing describes are reported.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readPanopticSegments(
  folder: Folder,
  { path, categories, records }: PanopticIndex,
  id: string,
  context: ReadContext,
): Promise<readonly AnnotationDraft[]> {
  const span = records.get(id)
  if (span === undefined) return []
  const place = { file: path, path: `the record of ${id}` }
  const record = await readRecord(folder, path, span)
  const name = stringAt(record['file_name'], placeOf(place, 'file_name'))
  const map = path.slice(0, path.lastIndexOf('/') + 1) + name
  if (!(await folder.has(map))) throw wrongValue(placeOf(place, 'file_name'), 'names no file')
  const plane = decodeLabelPlane(await folder.read(map), map, {
    ofIndex: (value) => (value === 0 ? UNLABELLED : value),
    ofColor: (color) => {
      const segment = (color >> 16) + 256 * ((color >> 8) & 255) + 65_536 * (color & 255)
      return segment === 0 ? UNLABELLED : segment
    },
  })
  const masks = new Map(planeMasks(plane))
  const infos = arrayAt(record['segments_info'], placeOf(place, 'segments_info'))
  const drafts = infos.map((value, index): AnnotationDraft => {
    const at = placeOf(placeOf(place, 'segments_info'), index)
    const { id: segment, category_id, iscrowd, area, bbox, ...rest } = objectAt(value, at)
    if (typeof segment !== 'number' || !Number.isFinite(segment)) {
      throw wrongValue(placeOf(at, 'id'), 'should be a number')
    }
    if (area === Infinity || area === -Infinity) {
      throw wrongValue(placeOf(at, 'area'), 'should be a number')
    }
    const category = typeof category_id === 'number' ? categories.get(category_id) : undefined
    if (category === undefined && category_id !== 0 && category_id !== undefined) {
      throw wrongValue(placeOf(at, 'category_id'), 'is no id in `categories`')
    }
    const { width, height } = plane
    const counts = masks.get(segment)?.counts ?? [width * height]
    const box = boxOf(bbox)
    masks.delete(segment)
    return {
      type: 'panoptic-segment',
      segmentId: segment,
      width,
      height,
      counts: formatCounts(counts),
      ...(category !== undefined && { category: category.key }),
      ...(iscrowd !== undefined && { crowd: iscrowd === 1 || iscrowd === true }),
      ...(typeof area === 'number' && { area }),
      ...(box !== undefined && { box }),
      ...(Object.keys(rest).length > 0 && { extra: { 'mapillary-vistas': rest } }),
    }
  })
  for (const segment of masks.keys()) {
    context.onLoss({ what: 'annotation: panoptic-segment', where: `${map}: ${segment}` })
  }
  return drafts
}

async function readRecord(
  folder: Folder,
  path: string,
  [offset, length]: readonly [number, number],
): Promise<JsonObject> {
  const file = await folder.open(path)
  try {
    const record = parseJson(await file.read(offset, length), path)
    return isObject(record) ? record : {}
  } finally {
    await file.close()
  }
}

function categoryOf(value: Json, place: JsonPlace): readonly [number, Category] {
  const { id, name: given, color, isthing, supercategory } = objectAt(value, place)
  const name = stringAt(given, placeOf(place, 'name'))
  if (typeof id !== 'number') throw wrongValue(placeOf(place, 'id'), 'should be a number')
  const [red, green, blue] = isNumbers(color) ? color : []
  const isColor = red !== undefined && green !== undefined && blue !== undefined
  return [
    id,
    {
      key: name,
      name,
      ...(isColor && { color: [red, green, blue] }),
      ...((isthing === 0 || isthing === 1) && { isThing: isthing === 1 }),
      ...(typeof supercategory === 'string' && { supercategory }),
      sourceIds: { 'mapillary-vistas': id },
    },
  ]
}

function boxOf(value: Json | undefined): BoxNumbers | undefined {
  const [x, y, width, height] = isNumbers(value) ? value : []
  return x === undefined || y === undefined || width === undefined || height === undefined
    ? undefined
    : [x, y, width, height]
}
