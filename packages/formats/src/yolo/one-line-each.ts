import type { Annotation } from '@dsv/core'
import { annotationToValues } from './annotation-to-values.ts'
import type { Size } from './image-size.ts'
import type { LineShape } from './label-line.ts'

/**
 * Returns the annotations that only say again what another one says: of one group and category, each of
 * another type, all but the one that the task holds best. A box and its mask are one object, and two
 * lines would make two of it.
 */
export function repetitions(
  annotations: readonly Annotation[],
  size: Size,
  shape: LineShape,
): ReadonlySet<Annotation> {
  const repeated = new Set<Annotation>()
  for (const members of groupsOf(annotations).values()) {
    const types = new Set(members.map(({ type }) => type))
    if (members.length < 2 || types.size < members.length) continue
    const held = members.filter((each) => annotationToValues(each, size, shape) !== undefined)
    const best = held.find((each) => isWhole(each, size, shape)) ?? held[0]
    for (const each of held) if (each !== best) repeated.add(each)
  }
  return repeated
}

function groupsOf(annotations: readonly Annotation[]): Map<string, Annotation[]> {
  const groups = new Map<string, Annotation[]>()
  for (const annotation of annotations) {
    const { group, category } = annotation
    if (group === undefined || category === undefined) continue
    const key = JSON.stringify([group, category])
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [annotation])
    else members.push(annotation)
  }
  return groups
}

function isWhole(annotation: Annotation, size: Size, shape: LineShape): boolean {
  return annotationToValues(annotation, size, shape)?.every(({ reduced }) => !reduced) === true
}
