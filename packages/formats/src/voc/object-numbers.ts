import type { AnnotationDraft } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { VOID_INDEX } from './color-map.ts'

/**
 * Returns the number that each mask has in the object mask of its image: the one it remembers; that of
 * the box it is in one group with (`linked` are the numbers of such boxes); 255 for void; else the next
 * that is free behind the boxes. No two masks of one category get the same.
 */
export function objectNumbers(
  masks: readonly AnnotationDraft[],
  linked: ReadonlySet<number>,
  objectCount: number,
): readonly number[] {
  const used = new Set<string>()
  const taken = new Set<number>()
  const wanted = masks.map((mask) => {
    const number = wantedNumber(mask, linked)
    const name = `${number} ${mask.category ?? ''} ${isVoid(mask)}`
    if (number === undefined || used.has(name)) return undefined
    used.add(name)
    taken.add(number)
    return number
  })
  let next = objectCount
  return wanted.map((number) => {
    if (number !== undefined) return number
    do next += 1
    while (taken.has(next) || next === VOID_INDEX)
    return next
  })
}

/** Returns whether a mask is what the class mask shows as void. */
export function isVoid({ extra }: AnnotationDraft): boolean {
  return isObject(extra?.['voc']) && extra['voc']['class'] === VOID_INDEX
}

function wantedNumber(mask: AnnotationDraft, linked: ReadonlySet<number>): number | undefined {
  const voc = mask.extra?.['voc']
  const number = isObject(voc) ? voc['object'] : undefined
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65_535) {
    return number
  }
  if (typeof mask.group === 'number' && linked.has(mask.group)) return mask.group
  return isVoid(mask) ? VOID_INDEX : undefined
}
