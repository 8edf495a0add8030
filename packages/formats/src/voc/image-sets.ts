import { formatSyntax } from '@dsv/core'
import { decodeText } from '../shared/text-reader.ts'

/** The tasks of the challenge that have image sets, the one that decides about subsets first. */
export const TASKS: readonly string[] = ['Main', 'Segmentation', 'Layout', 'Action']

/** One line of an image set: an image, and the numbers behind it. */
export interface SetLine {
  readonly id: string
  readonly numbers: readonly number[]
}

/** Sets that are unions of others, and therefore never the subset of an image if it has another. */
const UNIONS: ReadonlySet<string> = new Set(['trainval', 'all', 'trainvaltest'])
const RANKS: readonly string[] = ['train', 'val', 'test']

/**
 * Reads the lines of an image set: an id, quoted when it holds spaces, and up to two numbers. A line
 * without numbers may hold spaces unquoted when `isId` knows it.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseImageSet(
  bytes: Uint8Array,
  file: string,
  isId: (id: string) => boolean,
): readonly SetLine[] {
  const lines: SetLine[] = []
  for (const [index, line] of decodeText(bytes, file).split(/\r?\n/u).entries()) {
    const text = line.trim()
    if (text === '') continue
    lines.push(isId(text) ? { id: text, numbers: [] } : parseLine(text, file, index + 1, isId))
  }
  return lines
}

/** Returns one line of an image set. */
export function formatSetLine(id: string, numbers: readonly number[] = []): string {
  const name = /[\s"]/u.test(id) ? `"${id}"` : id
  const [flag = 0] = numbers.slice(-1)
  if (numbers.length === 0) return name
  const columns = numbers.slice(0, -1).map((each) => ` ${each}`)
  return `${name}${columns.join('')} ${String(flag).padStart(2)}`
}

/** Returns whether an id can stand in an image set and come back. */
export function isSetId(id: string): boolean {
  return id !== '' && !/[\r\n"\p{Cs}]/u.test(id) && id.trim() === id
}

/**
 * Returns the subset of an image that is in these sets (`Main/train`, `Main/trainval`): that of the
 * first task, and there the most specific.
 */
export function subsetOf(sets: readonly string[]): string | undefined {
  for (const task of TASKS) {
    const names = sets
      .filter((set) => set.startsWith(`${task}/`))
      .map((set) => set.slice(task.length + 1))
    const [first] = names.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
    if (first !== undefined) return first
  }
  const others = sets.map((set) => set.slice(set.indexOf('/') + 1))
  return others.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))[0]
}

/** Returns whether a set is a union that holds the images of `subset`. */
export function isUnionOf(set: string, subset: string): boolean {
  if (set === 'trainval') return subset === 'train' || subset === 'val'
  return UNIONS.has(set)
}

function rankOf(name: string): number {
  const rank = RANKS.indexOf(name)
  if (rank >= 0) return rank
  return UNIONS.has(name) ? RANKS.length + 1 : RANKS.length
}

function parseLine(
  text: string,
  file: string,
  line: number,
  isId: (id: string) => boolean,
): SetLine {
  const quoted = /^"([^"]*)"((?:\s+[+-]?\d+){0,2})$/u.exec(text)
  const plain = quoted ?? /^(.*?\S)((?:\s+[+-]?\d+){0,2})$/u.exec(text)
  const id = plain?.[1]
  if (id === undefined || id === '' || (quoted === null && id.includes('"'))) {
    throw formatSyntax(file, `line ${line}: "${text.slice(0, 100)}" does not name an image`)
  }
  const numbers = (plain?.[2] ?? '').trim().split(/\s+/u).filter(Boolean).map(Number)
  if (!numbers.every((each) => Number.isSafeInteger(each))) {
    throw formatSyntax(file, `line ${line}: a number is too large`)
  }
  if (quoted === null && /\s/u.test(id) && !isId(id)) {
    throw formatSyntax(file, `line ${line}: "${id.slice(0, 100)}" does not name an image`)
  }
  return { id, numbers }
}
