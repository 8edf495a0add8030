import type { AnnotatedItem, Annotation, AnnotationType } from '@dsv/core'
import { annotationArea, isObject } from './annotation-area.ts'
import type { CategoryNames } from './category-names.ts'
import { categoryTally, sizeClassOf } from './category-tally.ts'
import { pairTally } from './co-occurrence.ts'
import { keypointTally } from './keypoint-tally.ts'
import { namedTallies } from './named-tallies.ts'
import { numberTally } from './number-tally.ts'
import type { AnnotationFigures } from './statistics.ts'
import { textTally } from './text-tally.ts'
import { trackTally } from './track-tally.ts'

/** Annotations that are counted as items come. */
export interface AnnotationTally {
  /** Names the categories of a dataset. */
  know(names: CategoryNames): void
  /**
   * Takes the annotations of an item, which are only those to be counted, and returns how many there are of each
   * category.
   */
  add(item: AnnotatedItem, dataset: string, names: CategoryNames): ItemCount
  /** Annotations of each category. */
  counts(): ReadonlyMap<string, number>
  figures(): Omit<AnnotationFigures, 'byLayer'>
}

/** What an item has. */
export interface ItemCount {
  readonly annotations: number
  readonly categories: ReadonlyMap<string, number>
}

const FLAGS = ['occluded', 'truncated', 'outside', 'crowd'] as const

/** Counts everything about annotations in one go; memory grows with categories, pairs of them, attributes and tracks. */
export function annotationTally(): AnnotationTally {
  const byType = new Map<AnnotationType, number>()
  const categories = categoryTally()
  const pairs = pairTally()
  const [attributes, flags] = [namedTallies(), namedTallies()]
  const [perItem, objectsPerItem, areas, scores] = [
    numberTally(),
    numberTally(),
    numberTally(),
    numberTally(),
  ]
  const [captions, texts] = [textTally(), textTally()]
  const keypoints = keypointTally()
  const tracks = trackTally()
  const sizeClasses = { small: 0, medium: 0, large: 0 }
  let [count, uncategorised] = [0, 0]

  const addOne = (annotation: Annotation, place: string, names: CategoryNames): void => {
    const { type, category, track, score } = annotation
    count++
    byType.set(type, (byType.get(type) ?? 0) + 1)
    const area = annotationArea(annotation)
    if (area !== undefined) {
      areas.add(area)
      sizeClasses[sizeClassOf(area)]++
    }
    if (category === undefined) uncategorised++
    else categories.add(names.nameOf(category), area)
    for (const [name, value] of Object.entries(annotation.attributes ?? {}))
      attributes.add(name, value)
    for (const flag of FLAGS) if (annotation[flag] !== undefined) flags.add(flag, annotation[flag])
    if (track !== undefined) tracks.add(place, track)
    if (score !== undefined) scores.add(score)
    if (annotation.type === 'points') {
      const known = category === undefined ? undefined : names.categoryOf(category)
      const name = category === undefined ? '' : names.nameOf(category)
      keypoints.add(name, annotation, known?.skeleton?.points ?? [])
    } else if (annotation.type === 'caption') captions.add(annotation.text)
    else if (annotation.type === 'text') texts.add(annotation.text)
  }

  return {
    know: ({ all }) => {
      for (const name of all) categories.know(name)
    },
    add: (item, dataset, names) => {
      const found = new Map<string, number>()
      let [annotations, objects] = [0, 0]
      for (const [layer, list] of Object.entries(item.layers)) {
        const place = `${layer}\n${item.subset}\n${dataset}`
        for (const annotation of list) {
          addOne(annotation, place, names)
          annotations++
          if (isObject(annotation)) objects++
          if (annotation.category === undefined) continue
          const name = names.nameOf(annotation.category)
          found.set(name, (found.get(name) ?? 0) + 1)
        }
      }
      perItem.add(annotations)
      objectsPerItem.add(objects)
      categories.addItem(found.keys())
      pairs.add(new Set(found.keys()))
      return { annotations, categories: found }
    },
    counts: () => categories.counts(),
    figures: () => {
      const known = {
        perItem: perItem.summary('whole'),
        objectsPerItem: objectsPerItem.summary('whole'),
        areas: areas.summary('octaves'),
        captions: captions.figures(),
        texts: texts.figures(),
        tracks: tracks.figures(),
        scores: scores.summary('ten'),
      }
      return {
        count,
        byType: [...byType]
          .map(([type, each]) => ({ type, count: each }))
          .toSorted((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)),
        categories: categories.figures(),
        uncategorised,
        attributes: attributes.summaries(),
        flags: flags.summaries(),
        areaBins: areas.summary('ten')?.bins ?? [],
        sizeClasses,
        coOccurrence: pairs.figures(),
        keypoints: keypoints.figures(),
        ...withoutAbsent(known),
      }
    },
  }
}

/** Returns an object without the fields that are undefined. */
function withoutAbsent<T extends object>(
  fields: T,
): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept: { [Key in keyof T]?: Exclude<T[Key], undefined> } = {}
  Object.assign(
    kept,
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  )
  return kept
}
