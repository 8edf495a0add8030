import { mapInvalid } from '../errors.ts'
import { isReversible, parseTemplate, type Template } from './template.ts'

/** How the four numbers of a box are stated. */
export type BoxStyle = 'bbox' | 'corners' | 'center'

/** Common fields of annotations that have a column. */
export const FIELDS = [
  'score',
  'group',
  'track',
  'zOrder',
  'occluded',
  'outside',
  'truncated',
  'crowd',
  'area',
  'sourceId',
] as const

/** The name of a common field that may have a column. */
export type Field = (typeof FIELDS)[number]

/** What the columns of a table mean. */
export interface ColumnMap {
  readonly image: Template
  readonly item?: Template
  readonly subset?: Template
  /** One for each class that a row names. */
  readonly labels: readonly Template[]
  readonly caption?: Template
  /** One template of four numbers, or four. */
  readonly box?: { readonly style: BoxStyle; readonly numbers: readonly Template[] }
  /** Width and height of the image in pixels. */
  readonly size?: readonly [width: Template, height: Template]
  readonly fields: ReadonlyMap<Field, Template>
  /** Whether coordinates are parts of the width and height of the image. */
  readonly isRelative: boolean
  /** Whether the first row names the columns; else they are called by number, from 0. */
  readonly hasHeader: boolean
  /** The tables that are read; default all. */
  readonly file?: string
  readonly delimiter?: string
}

/** How fields are called in a map. */
export const FIELD_NAMES: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['score', 'score'],
  ['group', 'group'],
  ['track', 'track'],
  ['z_order', 'zOrder'],
  ['occluded', 'occluded'],
  ['outside', 'outside'],
  ['truncated', 'truncated'],
  ['crowd', 'crowd'],
  ['area', 'area'],
  ['id', 'sourceId'],
])
const STYLES: readonly BoxStyle[] = ['bbox', 'corners', 'center']
const DELIMITERS: ReadonlyMap<string, string> = new Map([
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
  ['space', ' '],
  ['pipe', '|'],
])

/**
 * Reads a column map: `field=value` with commas between. A value is text with columns in braces:
 * `image=images/{id}.jpg,label={class},bbox=[{x},{y},{w},{h}]`.
 *
 * @throws `DSV_MAP_INVALID`
 */
export function parseColumnMap(text: string): ColumnMap {
  const values = new Map<string, string[]>()
  for (const part of partsOf(text)) {
    const [name, value] = splitPart(text, part)
    const known = values.get(name)
    if (known === undefined) values.set(name, [value])
    else if (name === 'label') known.push(value)
    else throw mapInvalid(text, `says ${name} twice`)
  }
  const take = (name: string): string | undefined => {
    const [value] = values.get(name) ?? []
    values.delete(name)
    return value
  }
  const template = (value: string): Template => {
    const parsed = parseTemplate(value)
    if (parsed === undefined) throw mapInvalid(text, `has braces that do not match in ${value}`)
    return parsed
  }
  const optional = (name: string): Template | undefined => {
    const value = take(name)
    return value === undefined ? undefined : template(value)
  }
  const labels = (values.get('label') ?? []).map(template)
  values.delete('label')
  const [image, item, subset, caption] = [
    optional('image'),
    optional('item'),
    optional('subset'),
    optional('caption'),
  ]
  const box = boxIn(text, take, template)
  const size = take('size')
  const fields = new Map<Field, Template>()
  for (const [name, field] of FIELD_NAMES) {
    const value = optional(name)
    if (value !== undefined) fields.set(field, value)
  }
  const [units, header, delimiter, file] = [
    take('units'),
    take('header'),
    take('delimiter'),
    take('file'),
  ]
  const [unknown] = values.keys()
  if (unknown !== undefined) throw mapInvalid(text, `has no field ${unknown}`)
  if (image === undefined) throw mapInvalid(text, 'does not say which column names the image')
  oneOf(text, 'units', units, ['pixels', 'relative'])
  oneOf(text, 'header', header, ['yes', 'no'])
  const sizes = size === undefined ? undefined : listOf(size).map(template)
  const [width, height] = sizes ?? []
  if (sizes !== undefined && (sizes.length !== 2 || width === undefined || height === undefined)) {
    throw mapInvalid(text, 'should have size=[{width},{height}]')
  }
  const used = [
    image,
    item,
    subset,
    caption,
    ...labels,
    ...(box?.numbers ?? []),
    ...fields.values(),
  ]
  const columns = used.flatMap((each) => each?.columns ?? [])
  const isNumbered = columns.every((name) => /^\d+$/u.test(name))
  return {
    image,
    ...(item !== undefined && { item }),
    ...(subset !== undefined && { subset }),
    labels,
    ...(caption !== undefined && { caption }),
    ...(box !== undefined && { box }),
    ...(width !== undefined && height !== undefined && { size: [width, height] as const }),
    fields,
    isRelative: units === 'relative',
    hasHeader: header === undefined ? !isNumbered : header === 'yes',
    ...(file !== undefined && { file }),
    ...(delimiter !== undefined && { delimiter: delimiterOf(text, delimiter) }),
  }
}

/** Returns all templates of a map. */
export function templatesOf(map: ColumnMap): readonly Template[] {
  const { image, item, subset, caption } = map
  const single = [image, item, subset, caption].filter((each) => each !== undefined)
  const numbers = map.box?.numbers ?? []
  return [...single, ...map.labels, ...numbers, ...(map.size ?? []), ...map.fields.values()]
}

/** Returns whether rows can be written with a map: every template says one column. */
export function isWritable(map: ColumnMap): boolean {
  return templatesOf(map).every(isReversible) && map.labels.length <= 1
}

/** Commas within brackets do not part. */
function partsOf(text: string): readonly string[] {
  return text
    .split(/,(?![^[]*\])(?![^{]*\})/u)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function splitPart(text: string, part: string): readonly [name: string, value: string] {
  const match = /^([a-z_]+)\s*=\s*(.*)$/su.exec(part)
  const [, name, value] = match ?? []
  if (name === undefined || value === undefined || value === '') {
    throw mapInvalid(text, `should have field=value and not ${JSON.stringify(part)}`)
  }
  return [name, value]
}

function boxIn(
  text: string,
  take: (name: string) => string | undefined,
  template: (value: string) => Template,
): ColumnMap['box'] {
  const found = STYLES.flatMap((style) => {
    const value = take(style)
    if (value === undefined) return []
    const numbers = listOf(value).map(template)
    if (numbers.length !== 1 && numbers.length !== 4) {
      throw mapInvalid(text, `should have ${style}={column} or ${style}=[{a},{b},{c},{d}]`)
    }
    return [{ style, numbers }]
  })
  if (found.length > 1) throw mapInvalid(text, `has two of ${STYLES.join(', ')}`)
  return found[0]
}

function listOf(value: string): readonly string[] {
  if (!value.startsWith('[') || !value.endsWith(']')) return [value]
  return value
    .slice(1, -1)
    .split(/,(?![^{]*\})/u)
    .map((each) => each.trim())
}

function oneOf(
  text: string,
  name: string,
  value: string | undefined,
  known: readonly string[],
): void {
  if (value === undefined || known.includes(value)) return
  throw mapInvalid(text, `should have ${name}=${known.join(' or ')}`)
}

function delimiterOf(text: string, name: string): string {
  const delimiter = DELIMITERS.get(name)
  if (delimiter !== undefined) return delimiter
  throw mapInvalid(text, `should have delimiter=${[...DELIMITERS.keys()].join(', ')}`)
}
