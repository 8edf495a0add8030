import type { AttributeDefinition, Category, Json, Skeleton } from '@dsv/core'
import { childOf, elementToJson, type XmlElement } from '../shared/xml-element.ts'
import { formatAttribute, parseAttribute } from './attribute-text.ts'
import { readSvgEdges } from './skeleton-svg.ts'

/** A category while files are looked through. */
export interface CvatLabel {
  readonly name: string
  readonly color?: readonly [number, number, number]
  readonly attributes: Map<string, AttributeDefinition>
  /** Names of the points of a skeleton, in the order of the file. */
  readonly points: string[]
  readonly edges: Skeleton['edges']
  /** What a category has no field for. */
  readonly extra: Readonly<Record<string, Json>>
}

/** The labels of all files by name, in the order in which they came. */
export type CvatLabels = Map<string, CvatLabel>

/** Adds the labels that a `<meta>` declares; a label that is known gets what it did not have. */
export function addLabels(labels: CvatLabels, meta: XmlElement): void {
  const [about] = meta.children.filter(({ name }) => /^(?:task|job|project)$/u.test(name))
  const elements = about === undefined ? [] : (childOf(about, 'labels')?.children ?? [])
  const parents = new Map<string, XmlElement[]>()
  for (const element of elements) {
    const parent = textOf(element, 'parent')
    if (element.name !== 'label' || parent === '') continue
    parents.set(parent, [...(parents.get(parent) ?? []), element])
  }
  for (const element of elements) {
    if (element.name !== 'label' || textOf(element, 'parent') !== '') continue
    const name = textOf(element, 'name')
    if (name === '') continue
    const label = readLabel(name, element, parents.get(name) ?? [])
    const known = labels.get(name)
    if (known === undefined) labels.set(name, label)
    else joinLabels(known, label)
  }
}

/** Adds a label that a shape names although no `<meta>` declares it. */
export function requireLabel(labels: CvatLabels, name: string): CvatLabel {
  const known = labels.get(name)
  if (known !== undefined) return known
  const label: CvatLabel = { name, attributes: new Map(), points: [], edges: [], extra: {} }
  labels.set(name, label)
  return label
}

/** Returns labels as categories. */
export function categoriesOf(labels: CvatLabels): readonly Category[] {
  return [...labels.values()].map(({ name, color, attributes, points, edges, extra }) => ({
    key: name,
    name,
    ...(color === undefined ? {} : { color }),
    ...(attributes.size === 0 ? {} : { attributes: [...attributes.values()] }),
    ...(points.length === 0 ? {} : { skeleton: { points: [...points], edges } }),
    ...(Object.keys(extra).length === 0 ? {} : { extra: { cvat: extra } }),
  }))
}

/** How CVAT calls the types of attributes. */
export const INPUT_TYPES: ReadonlyMap<AttributeDefinition['type'], string> = new Map([
  ['boolean', 'checkbox'],
  ['integer', 'number'],
  ['number', 'number'],
  ['enum', 'select'],
  ['string', 'text'],
  ['json', 'text'],
])

const TYPES: ReadonlyMap<string, AttributeDefinition['type']> = new Map([
  ['checkbox', 'boolean'],
  ['number', 'number'],
  ['select', 'enum'],
  ['radio', 'enum'],
  ['text', 'string'],
])

const READ_CHILDREN: ReadonlySet<string> = new Set(['name', 'color', 'attributes', 'parent'])

function readLabel(name: string, element: XmlElement, sublabels: readonly XmlElement[]): CvatLabel {
  const attributes = new Map<string, AttributeDefinition>()
  const raw: [string, Json][] = []
  for (const child of childOf(element, 'attributes')?.children ?? []) {
    const definition = readDefinition(child)
    if (definition === undefined) continue
    attributes.set(definition.name, definition)
    const rest = restOf(child, definition)
    if (Object.keys(rest).length > 0) raw.push([definition.name, rest])
  }
  const color = readColor(textOf(element, 'color'))
  const points = sublabels.map((each) => textOf(each, 'name')).filter((each) => each !== '')
  const others = element.children.filter(({ name: child }) => !READ_CHILDREN.has(child))
  const svg = textOf(element, 'svg')
  return {
    name,
    ...(color === undefined ? {} : { color }),
    attributes,
    points: [...new Set(points)],
    edges: points.length === 0 ? [] : readSvgEdges(svg, points),
    extra: {
      ...Object.fromEntries(
        others
          .filter(({ children }) => children.length === 0)
          .map((each) => [each.name, each.text]),
      ),
      ...(raw.length === 0 ? {} : { attributes: Object.fromEntries(raw) }),
      ...(sublabels.length === 0 ? {} : { sublabels: sublabels.map(elementToJson) }),
    },
  }
}

function readDefinition(element: XmlElement): AttributeDefinition | undefined {
  const name = textOf(element, 'name')
  if (element.name !== 'attribute' || name === '') return undefined
  const type = TYPES.get(textOf(element, 'input_type')) ?? 'string'
  const fallback = textOf(element, 'default_value')
  const mutable = textOf(element, 'mutable').toLowerCase()
  return {
    name,
    type,
    ...(type === 'enum' ? { values: enumValues(textOf(element, 'values'), fallback) } : {}),
    ...(fallback === '' ? {} : { default: parseAttribute(fallback, { type }) }),
    ...(mutable === 'true' || mutable === 'false' ? { mutable: mutable === 'true' } : {}),
  }
}

/** Values stand on lines of their own; older files have them on one line, with spaces between. */
function enumValues(text: string, fallback: string): readonly string[] {
  if (text === '') return []
  const words = text.split(' ')
  const isOneLine = !text.includes('\n') && words.length > 1 && text !== fallback
  return isOneLine && words.includes(fallback) ? words : text.split('\n')
}

/** What the definition does not say as the file does. */
function restOf(element: XmlElement, definition: AttributeDefinition): Record<string, Json> {
  const inputType = textOf(element, 'input_type')
  const values = textOf(element, 'values')
  const fallback = textOf(element, 'default_value')
  const known = definition.default
  return {
    ...(inputType === INPUT_TYPES.get(definition.type) ? {} : { input_type: inputType }),
    ...(values === (definition.values ?? []).join('\n') ? {} : { values }),
    ...(known === undefined || formatAttribute(known) === fallback
      ? {}
      : { default_value: fallback }),
  }
}

function readColor(text: string): readonly [number, number, number] | undefined {
  const [, red, green, blue] = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/iu.exec(text) ?? []
  if (red === undefined || green === undefined || blue === undefined) return undefined
  return [parseInt(red, 16), parseInt(green, 16), parseInt(blue, 16)]
}

function joinLabels(known: CvatLabel, other: CvatLabel): void {
  for (const [name, definition] of other.attributes) {
    if (!known.attributes.has(name)) known.attributes.set(name, definition)
  }
  for (const point of other.points) if (!known.points.includes(point)) known.points.push(point)
}

function textOf(element: XmlElement, name: string): string {
  const text = childOf(element, name)?.text ?? ''
  // Text over several lines is indented by the file, not by who wrote it.
  return name === 'values' ? text.replaceAll('\r\n', '\n').replace(/^\n+|\s+$/gu, '') : text.trim()
}
