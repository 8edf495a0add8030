import type { Category, WriteContext } from '@dsv/core'
import { decodeText, splitLines } from './text-reader.ts'

/** Returns the names of a file of one name for each line, in their order; empty lines are left out. */
export function parseLabelList(bytes: Uint8Array, file: string): readonly string[] {
  return splitLines(decodeText(bytes, file))
    .lines.map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Returns the names as categories; the same name again gets its number as its key. */
export function categoriesOf(names: readonly string[]): readonly Category[] {
  const used = new Set<string>()
  return names.map((name, index) => {
    let key = name
    for (let at = index; used.has(key); at++) key = `${name} ${at}`
    used.add(key)
    return { key, name }
  })
}

/** What of the categories fits into a list of names. */
export interface LabelList {
  readonly names: readonly string[]
  /** The index of a category by its key; those that do not fit have none. */
  readonly indexes: ReadonlyMap<string, number>
}

/** Lists categories; reports those whose name is no line, and those beyond `limit`. */
export function labelList(
  categories: readonly Category[],
  onLoss: WriteContext['onLoss'],
  limit: number = Number.POSITIVE_INFINITY,
): LabelList {
  const names: string[] = []
  const indexes = new Map<string, number>()
  for (const { key, name } of categories) {
    if (name === '' || name !== name.trim() || /[\r\n]/u.test(name) || names.length >= limit) {
      onLoss({ what: 'category', where: name })
      continue
    }
    indexes.set(key, names.length)
    names.push(name)
  }
  return { names, indexes }
}
