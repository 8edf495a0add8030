import type { AnnotatedItem, Annotation, Attributes, AttributeValue, Schema } from '@dsv/core'
import { optionInvalid, unknownName } from '../errors.ts'
import { isFolderName } from '../items/map-subsets.ts'
import type { StepContext } from '../step.ts'
import { parseAttribute } from './parse-attribute.ts'

/** Changes of items and annotations. */
export interface Edits {
  /** Whether there is any. */
  readonly isAny: boolean
  readonly subset: string | undefined
  readonly addTags: readonly string[]
  readonly removeTags: readonly string[]
  /** Returns the item with another subset and other attributes. */
  readonly item: (item: AnnotatedItem) => AnnotatedItem
  readonly annotation: (annotation: Annotation) => Annotation
}

/** Changes as they are written. */
export interface WrittenEdits {
  readonly set?: Readonly<Record<string, string>> | undefined
  readonly unset?: readonly string[] | undefined
  readonly 'add-tag'?: readonly string[] | undefined
  readonly 'remove-tag'?: readonly string[] | undefined
}

/** What a field takes. */
type Kind = 'number' | 'boolean' | 'name' | 'category'

const FIELDS: ReadonlyMap<string, Kind> = new Map([
  ['category', 'category'],
  ['score', 'number'],
  ['group', 'name'],
  ['track', 'name'],
  ['zOrder', 'number'],
  ['occluded', 'boolean'],
  ['outside', 'boolean'],
  ['truncated', 'boolean'],
  ['crowd', 'boolean'],
])

/** What may be written: with others' words for two of them. */
const WRITTEN = [...FIELDS.keys(), 'attributes.NAME', 'subset', 'item.attributes.NAME']
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['label', 'category'],
  ['z-order', 'zOrder'],
])

/** Returns what an annotation gets; undefined takes the field from it. */
type Value = (annotation: Annotation) => unknown

/**
 * Returns changes as they are meant: values typed by what the schema says of an attribute, categories by name or key.
 *
 * @throws `DSV_OPTION_INVALID` for a field that is not there, with what may be meant, or a value that it cannot have
 */
export function parseEdits(
  schema: Schema,
  written: WrittenEdits,
  { onNote }: Pick<StepContext, 'onNote'>,
): Edits {
  const { set: values = {}, unset = [] } = written
  const { 'add-tag': addTags = [], 'remove-tag': removeTags = [] } = written
  const fields = new Map<string, Value>()
  const attributes = new Map<string, Value>()
  const itemAttributes = new Map<string, AttributeValue | undefined>()
  let subset: string | undefined
  for (const [name, text] of [...Object.entries(values), ...unset.map(pairOfNothing)]) {
    const option = text === undefined ? 'unset' : 'set'
    const field = fieldOf(name, option)
    if (text !== undefined && unset.includes(name))
      throw optionInvalid('set', 'unset', `names ${name}, which is set`)
    if (field.of === 'subset') {
      subset = subsetOf(text)
    } else if (field.of === 'item') {
      const value = text === undefined ? undefined : parseAttribute(field.name, text, undefined)
      itemAttributes.set(field.name, value)
    } else if (field.of === 'attribute') {
      attributes.set(field.name, attributeValue(field.name, text, schema, onNote))
    } else {
      const value = text === undefined ? undefined : fieldValue(field.name, text, schema)
      fields.set(field.name, () => value)
    }
  }
  if (addTags.includes('')) throw optionInvalid('set', 'add-tag', 'has an empty tag')
  const changes = Object.keys(values).length + unset.length + addTags.length + removeTags.length
  return {
    isAny: changes > 0,
    subset,
    addTags,
    removeTags,
    item: (item) => ({
      ...withAttributes(item, itemAttributes),
      ...(subset !== undefined && { subset }),
    }),
    annotation: (before) => {
      const made = withFields(before, fields)
      if (attributes.size === 0) return made
      return withAttributes(made, new Map([...attributes].map(([name, of]) => [name, of(made)])))
    },
  }
}

function pairOfNothing(name: string): readonly [string, undefined] {
  return [name, undefined]
}

/** What is written before the `=`. */
interface Field {
  readonly of: 'annotation' | 'attribute' | 'item' | 'subset'
  readonly name: string
}

function fieldOf(written: string, option: string): Field {
  const name = ALIASES.get(written) ?? written
  if (FIELDS.has(name)) return { of: 'annotation', name }
  if (name === 'subset') return { of: 'subset', name }
  const [, ofItem, attribute] = /^(item\.)?attributes\.(.+)$/su.exec(name) ?? []
  if (attribute !== undefined && attribute !== '__proto__')
    return { of: ofItem === undefined ? 'attribute' : 'item', name: attribute }
  throw unknownName('set', option, written, WRITTEN)
}

function subsetOf(text: string | undefined): string {
  if (text === undefined) throw optionInvalid('set', 'unset', 'names subset, which all items have')
  if (!isFolderName(text)) throw optionInvalid('set', 'set', 'gives a subset no name')
  return text
}

function fieldValue(name: string, text: string, schema: Schema): unknown {
  const kind = FIELDS.get(name)
  if (kind === 'category') return categoryKey(text, schema)
  if (kind === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
    throw optionInvalid('set', 'set', `gives ${name} neither true nor false`)
  }
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (kind === 'name') {
    if (text === '') throw optionInvalid('set', 'set', `gives ${name} nothing`, UNSET)
    return String(number) === text && Number.isFinite(number) ? number : text
  }
  if (!Number.isFinite(number)) throw optionInvalid('set', 'set', `gives ${name} no number`, UNSET)
  return number
}

const UNSET = 'Take a field away with `--unset`.'

function categoryKey(text: string, { categories }: Schema): string {
  const [found, ...others] = categories.filter(({ name }) => name === text)
  if (found !== undefined && others.length === 0) return found.key
  if (categories.some(({ key }) => key === text)) return text
  if (found === undefined) {
    const names = categories.map(({ name }) => name)
    throw unknownName('set', 'set', text, names)
  }
  const keys = [found, ...others].map(({ key }) => key).join(', ')
  throw optionInvalid(
    'set',
    'set',
    `names ${JSON.stringify(text)}, as several categories are called`,
    `Name one by its key: ${keys}.`,
  )
}

/** An attribute may be of another type for each category. */
function attributeValue(
  name: string,
  text: string | undefined,
  schema: Schema,
  onNote: StepContext['onNote'],
): Value {
  if (text === undefined) return () => undefined
  const all = [...schema.attributes, ...schema.categories.flatMap((each) => each.attributes ?? [])]
  if (all.length > 0 && !all.some((each) => each.name === name))
    onNote({ what: 'attribute that the schema does not have', where: name })
  const values = new Map<string | undefined, AttributeValue>()
  return ({ category: key }) => {
    const known = values.get(key)
    if (known !== undefined) return known
    const category = schema.categories.find((each) => each.key === key)
    const definition = [...(category?.attributes ?? []), ...schema.attributes].find(
      (each) => each.name === name,
    )
    const value = parseAttribute(name, text, definition)
    values.set(key, value)
    return value
  }
}

function withFields(before: Annotation, fields: ReadonlyMap<string, Value>): Annotation {
  if (fields.size === 0) return before
  const gone = new Set(
    [...fields].filter(([, of]) => of(before) === undefined).map(([name]) => name),
  )
  const left = Object.entries(before).filter(([name]) => !gone.has(name))
  const given = [...fields]
    .filter(([name]) => !gone.has(name))
    .map(([name, of]) => [name, of(before)])
  return Object.fromEntries([...left, ...given])
}

function withAttributes<Thing extends { readonly attributes?: Attributes }>(
  thing: Thing,
  changes: ReadonlyMap<string, unknown>,
): Thing {
  if (changes.size === 0) return thing
  const { attributes: before = {}, ...rest } = thing
  const all = new Map<string, unknown>([...Object.entries(before), ...changes])
  const left = [...all].filter(([, value]) => value !== undefined)
  // `attributes` is optional, and its values were parsed as such.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (left.length > 0 ? { ...rest, attributes: Object.fromEntries(left) } : rest) as Thing
}
