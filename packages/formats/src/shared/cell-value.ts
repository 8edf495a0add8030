import type { AttributeValue, Json } from '@dsv/core'
import { isArray, jsonOf } from './json-reader.ts'

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/u
const WORDS: ReadonlyMap<string, AttributeValue> = new Map<string, AttributeValue>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['null', null],
])

/**
 * Returns what the text of a table's cell says: a number, boolean, null, list or else text; undefined when
 * it is empty. Whole numbers that a float64 cannot hold and numbers with leading zeros are text.
 */
export function cellValue(cell: string): AttributeValue | undefined {
  const text = cell.trim()
  if (text === '') return undefined
  const word = WORDS.get(text)
  if (word !== undefined) return word
  if (NUMBER.test(text)) {
    const number = Number(text)
    const isExact = !/^-?\d+$/u.test(text) || Number.isSafeInteger(number)
    if (isExact && Number.isFinite(number) && !Object.is(number, -0)) return number
  }
  if (text.startsWith('[')) return listIn(text) ?? cell
  const quoted = quotedIn(text)
  return quoted !== undefined && cellValue(quoted) !== quoted ? quoted : cell
}

/** Returns the cell that {@link cellValue} reads as `value`. */
export function valueCell(value: AttributeValue): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return cellValue(value) === value ? value : JSON.stringify(value)
}

/** Returns the text of a cell, without spaces around it; undefined when it is empty. */
export function cellText(cell: string): string | undefined {
  const text = cell.trim()
  if (text === '') return undefined
  const quoted = quotedIn(text)
  return quoted !== undefined && cellText(quoted) !== quoted ? quoted : text
}

/** Returns the cell that {@link cellText} reads as `text`. */
export function textCell(text: string): string {
  return cellText(text) === text ? text : JSON.stringify(text)
}

/** Text in quotes is what is in them where it would mean something else without. */
function quotedIn(text: string): string | undefined {
  if (!text.startsWith('"') || !text.endsWith('"')) return undefined
  const value = jsonOf(text)
  return typeof value === 'string' ? value : undefined
}

function listIn(text: string): AttributeValue | undefined {
  const value = jsonOf(text)
  return isList(value) ? value : undefined
}

function isList(value: Json | undefined): value is readonly AttributeValue[] {
  return isArray(value) && value.every((each) => isScalar(each) || isList(each))
}

function isScalar(value: Json): value is string | number | boolean | null {
  return value === null || typeof value !== 'object'
}
