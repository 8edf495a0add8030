import { type AnnotationDraft, type Category, formatSyntax, type Json } from '@dsv/core'
import {
  arrayAt,
  isNumbers,
  objectAt,
  parseJson,
  placeOf,
  stringAt,
  wrongValue,
} from './json-reader.ts'

/** What a file of polygons says. */
export interface PolygonFile {
  readonly drafts: readonly AnnotationDraft[]
  /** How many objects are marked as deleted. */
  readonly deleted: number
  readonly width: number | undefined
  readonly height: number | undefined
}

/** What polygons are read with. */
export interface PolygonContext {
  readonly categories: ReadonlyMap<string, Category>
  /** The format whose `extra` other members of a polygon are. */
  readonly format: string
}

const KNOWN_FIELDS: ReadonlySet<string> = new Set(['label', 'polygon'])

/**
 * Reads `{imgHeight, imgWidth, objects: [{label, polygon: [[x, y], …]}]}`, as Cityscapes has it; Mapillary
 * Vistas calls the size `height`, `width`. A label that ends in `group`
 * is a crowd of what stands before. @throws `DSV_FORMAT_SYNTAX`
 */
export function parsePolygons(
  bytes: Uint8Array,
  file: string,
  { categories, format }: PolygonContext,
): PolygonFile {
  const root = { file, path: '' }
  const json = objectAt(parseJson(bytes, file), root)
  const objects = arrayAt(json['objects'], placeOf(root, 'objects'))
  const drafts: AnnotationDraft[] = []
  let deleted = 0
  for (const [index, value] of objects.entries()) {
    const place = placeOf(placeOf(root, 'objects'), index)
    const object = objectAt(value, place)
    if (object['deleted'] === 1 || object['deleted'] === true) {
      deleted += 1
      continue
    }
    const points = arrayAt(object['polygon'], placeOf(place, 'polygon')).flatMap((point, at) => {
      if (isNumbers(point) && point.length === 2) return point
      throw wrongValue(placeOf(placeOf(place, 'polygon'), at), 'should be [x, y]')
    })
    const rest = Object.entries(object).filter(([name]) => !KNOWN_FIELDS.has(name))
    const extra: Json = Object.fromEntries(rest)
    drafts.push({
      type: 'polygon',
      parts: [[points]],
      ...classOf(stringAt(object['label'], placeOf(place, 'label')), file, categories),
      ...(rest.length > 0 && { extra: { [format]: extra } }),
    })
  }
  const [width, height] = [
    json['imgWidth'] ?? json['width'],
    json['imgHeight'] ?? json['height'],
  ].map((each) =>
    typeof each === 'number' && Number.isSafeInteger(each) && each > 0 ? each : undefined,
  )
  return { drafts, deleted, width, height }
}

function classOf(
  label: string,
  file: string,
  categories: ReadonlyMap<string, Category>,
): Pick<AnnotationDraft, 'category' | 'crowd'> {
  const own = categories.get(label)
  if (own !== undefined) return { category: own.key }
  const group = categories.get(label.replace(/group$/u, ''))
  if (group?.isThing === true) return { category: group.key, crowd: true }
  throw formatSyntax(file, `there is no class "${label}"`)
}
