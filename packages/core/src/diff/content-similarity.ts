import type { AnnotationDraft } from '../model/annotation.ts'
import { isEqual } from './is-equal.ts'

/**
 * Returns how alike two annotations of one type are by what they say, 0…1: the share of fields that
 * are equal; texts count by the words that they share. The type counts as one field.
 */
export function contentSimilarity(a: AnnotationDraft, b: AnnotationDraft): number {
  if (a.type !== b.type) return 0
  const fieldsA = new Map<string, unknown>(Object.entries(a))
  const fieldsB = new Map<string, unknown>(Object.entries(b))
  let sum = 0
  let count = 0
  for (const name of new Set([...fieldsA.keys(), ...fieldsB.keys()])) {
    if (name === 'uid') continue
    const valueA = fieldsA.get(name)
    const valueB = fieldsB.get(name)
    if (valueA === undefined && valueB === undefined) continue
    count++
    if (isEqual(valueA, valueB)) sum++
    else if (name === 'text') sum += sharedWords(valueA, valueB)
  }
  return sum / count
}

function sharedWords(a: unknown, b: unknown): number {
  const wordsA = wordsOf(a)
  const wordsB = wordsOf(b)
  let shared = 0
  for (const word of wordsA) if (wordsB.has(word)) shared++
  return shared === 0 ? 0 : (2 * shared) / (wordsA.size + wordsB.size)
}

function wordsOf(text: unknown): ReadonlySet<string> {
  return new Set(typeof text === 'string' ? text.slice(0, 10_000).toLowerCase().split(/\W+/u) : [])
}
