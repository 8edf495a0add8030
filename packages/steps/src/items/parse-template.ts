import type { AnnotatedItem } from '@dsv/core'
import { optionInvalid, unknownName } from '../errors.ts'

/** Fills a template for an item, with the texts of groups. */
export type Template = (item: AnnotatedItem, groups: ReadonlyMap<string, string>) => string

const PIECE = /\{\{|\}\}|\{([^{}]*)\}|[{}]/gu

/**
 * Parses a text with places: `{1}` and `{name}` are groups, `{subset}`, `{id}` and `{attributes.name}` say something of
 * the item, `{{` and `}}` are braces. What is filled in is not looked at again.
 *
 * @throws `DSV_OPTION_INVALID` for a place that is not known, or a brace that is not closed
 */
export function parseTemplate(text: string, groups: ReadonlySet<string>, step: string): Template {
  const pieces: Template[] = []
  let end = 0
  for (const found of text.matchAll(PIECE)) {
    const [whole, place] = found
    const before = text.slice(end, found.index)
    pieces.push(() => before)
    end = found.index + whole.length
    if (place !== undefined) pieces.push(placeOf(place, groups, step))
    else if (whole.length === 2) pieces.push(() => whole.slice(1))
    else throw optionInvalid(step, 'to', `has a single ${whole}`, 'Write {{ or }} for a brace.')
  }
  const rest = text.slice(end)
  return (item, texts) => pieces.map((piece) => piece(item, texts)).join('') + rest
}

function placeOf(place: string, groups: ReadonlySet<string>, step: string): Template {
  if (groups.has(place)) return (_, texts) => texts.get(place) ?? ''
  if (place === 'subset') return ({ subset }) => subset
  if (place === 'id') return ({ id }) => id
  if (place.startsWith('attributes.')) {
    const name = place.slice('attributes.'.length)
    return (item) => attributeText(item, name, step)
  }
  throw unknownName(step, 'to', `{${place}}`, [
    ...[...groups].map((group) => `{${group}}`),
    '{subset}',
    '{id}',
    '{attributes.NAME}',
  ])
}

function attributeText(item: AnnotatedItem, name: string, step: string): string {
  const { attributes = {} } = item
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  if (value !== undefined && value !== null && typeof value !== 'object') return String(value)
  const where = JSON.stringify(`${item.subset}/${item.id}`)
  throw optionInvalid(step, 'to', `wants the attribute ${name}, which ${where} has not`)
}
