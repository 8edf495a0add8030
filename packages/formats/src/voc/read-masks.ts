import { type AnnotationDraft, formatSyntax, maskGeometry } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { VOID_INDEX } from './color-map.ts'
import type { Plane } from './mask-planes.ts'
import { type MaskTable, VOID_CODE } from './mask-table.ts'
import { objectNumbers } from './object-numbers.ts'

/** The masks of an image, as far as there are any. */
export interface MaskPlanes {
  readonly classes?: Plane
  readonly objects?: Plane
}

/** One mask annotation to be: pixels that have the same class and the same object. */
interface Region {
  readonly code: number
  readonly object: number
  readonly counts: number[]
  end: number
}

/**
 * Returns one mask for each pair of class and object number that occurs. The number of the object is
 * in `extra.voc.object` where it does not follow from the rest; masks of objects that have a box (the
 * n-th object of the XML file has number n) are in group n.
 *
 * @throws `DSV_FORMAT_SYNTAX` when the two masks differ in size
 */
export function readMasks(
  planes: MaskPlanes,
  table: MaskTable,
  objectCount: number,
  file: string,
): readonly AnnotationDraft[] {
  const { classes, objects } = planes
  const plane = classes ?? objects
  if (plane === undefined) return []
  if (objects !== undefined && (objects.width !== plane.width || objects.height !== plane.height)) {
    throw formatSyntax(file, 'differs in size from the class mask of the same image')
  }
  const { width, height } = plane
  const regions = regionsOf(planes, width, height).toSorted(compareRegions)
  const plain = regions.map(({ code, object, counts }): AnnotationDraft => {
    const category = code > 0 ? table.categories[code - 1]?.key : undefined
    const isLinked = object > 0 && object <= objectCount
    return {
      ...maskGeometry({ width, height, counts }),
      ...(category === undefined ? {} : { category }),
      ...(isLinked ? { group: object } : {}),
      ...(code === VOID_CODE ? { extra: { voc: { class: VOID_INDEX } } } : {}),
    }
  })
  const linked = new Set(regions.map(({ object }) => object).filter((each) => each <= objectCount))
  const numbers = objectNumbers(plain, linked, objectCount)
  if (regions.every(({ object }, index) => numbers[index] === object)) return plain
  return plain.map((draft, index) => withObject(draft, regions[index]?.object ?? 0))
}

function regionsOf({ classes, objects }: MaskPlanes, width: number, height: number): Region[] {
  const regions = new Map<number, Region>()
  let [code, object, start] = [0, 0, 0]
  const close = (end: number): void => {
    if ((code === 0 && object === 0) || end === start) return
    const key = (code + 1) * 65_536 + object
    const region = regions.get(key) ?? { code, object, counts: [], end: 0 }
    regions.set(key, region)
    region.counts.push(start - region.end, end - start)
    region.end = end
  }
  for (let x = 0, place = 0; x < width; x++) {
    for (let y = 0; y < height; y++, place++) {
      const at = y * width + x
      const [nextCode, nextObject] = [classes?.values[at] ?? 0, objects?.values[at] ?? 0]
      if (nextCode === code && nextObject === object) continue
      close(place)
      code = nextCode
      object = nextObject
      start = place
    }
  }
  close(width * height)
  for (const { counts, end } of regions.values()) {
    if (end < width * height) counts.push(width * height - end)
  }
  return [...regions.values()]
}

/** Objects in their order, then what belongs to none, then void. */
function compareRegions(a: Region, b: Region): number {
  const rank = ({ code, object }: Region): number => {
    if (code === VOID_CODE) return 100_000 + object
    return object === 0 ? 70_000 : object
  }
  return rank(a) - rank(b) || a.code - b.code
}

function withObject(draft: AnnotationDraft, object: number): AnnotationDraft {
  const voc = draft.extra?.['voc']
  return { ...draft, extra: { voc: { ...(isObject(voc) ? voc : {}), object } } }
}
