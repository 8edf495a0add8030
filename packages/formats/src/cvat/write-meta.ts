import type { AttributeDefinition, Category, Json, Loss } from '@dsv/core'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import { elementFromJson, type XmlElement, XML_NAME } from '../shared/xml-element.ts'
import { isXmlText } from '../shared/xml-text.ts'
import { formatAttribute } from './attribute-text.ts'
import { INPUT_TYPES } from './read-labels.ts'
import { writeSvg } from './skeleton-svg.ts'
import { startTag, textTag } from './xml-lines.ts'

/** What a file says of itself, where it was not read from one. */
export interface MetaFacts {
  readonly subset: string
  /** Subsets of a project; empty for a task. */
  readonly subsets: readonly string[]
  readonly size: number
  readonly isVideo: boolean
  readonly startFrame: number
  readonly stopFrame: number
  readonly video?: { readonly width: number; readonly height: number; readonly source: string }
}

/** Returns the lines of `<meta>`: as it was read, with the labels as they are now, or a new one. */
export function metaLines(
  before: Json | undefined,
  facts: MetaFacts,
  categories: readonly Category[],
): readonly string[] {
  const labels = labelLines(categories)
  const known = before === undefined ? undefined : elementFromJson(before)
  if (known?.name !== 'meta') return ['  <meta>', ...newMeta(facts, labels), '  </meta>']
  return elementLines(known, '  ', labels)
}

/** Reports what of the categories CVAT has no place for. */
export function reportCategoryLosses(
  categories: readonly Category[],
  onLoss: (loss: Loss) => void,
): void {
  for (const category of categories) {
    const { name, parent, supercategory, isThing, skeleton, attributes = [] } = category
    if (parent !== undefined) onLoss({ what: 'field: parent', where: name })
    if (supercategory !== undefined) onLoss({ what: 'field: supercategory', where: name })
    if (isThing !== undefined) onLoss({ what: 'field: isThing', where: name })
    if (skeleton?.sigmas !== undefined) onLoss({ what: 'field: sigmas', where: name })
    if (!isXmlText(name) || name.trim() !== name || name === '')
      onLoss({ what: 'category', where: name })
    for (const { type, name: attribute } of attributes) {
      if (type === 'integer' || type === 'json') {
        onLoss({ what: `field: type of ${attribute}`, where: name })
      }
    }
  }
}

function newMeta(facts: MetaFacts, labels: readonly string[]): readonly string[] {
  const isProject = facts.subsets.length > 0
  const lines = isProject
    ? [textTag('subsets', facts.subsets.join('\n'))]
    : [
        textTag('size', String(facts.size)),
        textTag('mode', facts.isVideo ? 'interpolation' : 'annotation'),
        textTag('overlap', '0'),
        ...(facts.subset === 'default' ? [] : [textTag('subset', facts.subset)]),
        textTag('start_frame', String(facts.startFrame)),
        textTag('stop_frame', String(facts.stopFrame)),
      ]
  const name = isProject ? 'project' : 'task'
  const { video } = facts
  const size =
    video === undefined
      ? []
      : [
          '      <original_size>',
          `        ${textTag('width', String(video.width))}`,
          `        ${textTag('height', String(video.height))}`,
          '      </original_size>',
        ]
  return [
    `    <${name}>`,
    ...lines.map((line) => `      ${line}`),
    ...labels,
    ...size,
    `    </${name}>`,
    ...(video === undefined ? [] : [`    ${textTag('source', video.source)}`]),
  ]
}

/** An element as it was read; the empty `<labels>` gets the labels. */
function elementLines(
  { name, attributes, children, text }: XmlElement,
  indent: string,
  labels: readonly string[],
): readonly string[] {
  if (name === 'labels' && indent.length === 6) return labels
  const start = startTag(name, attributes)
  if (children.length === 0) return [`${indent}${textTag(name, text, attributes)}`]
  const hasLabels = children.some((child) => child.name === 'labels')
  const isAbout = indent.length === 4 && /^(?:task|job|project)$/u.test(name)
  return [
    `${indent}${start}>`,
    ...children.flatMap((child) => elementLines(child, `${indent}  `, labels)),
    ...(isAbout && !hasLabels ? labels : []),
    `${indent}</${name}>`,
  ]
}

function labelLines(categories: readonly Category[]): readonly string[] {
  const lines = categories.flatMap((category) => labelElement(category))
  return ['      <labels>', ...lines.map((line) => `        ${line}`), '      </labels>']
}

function labelElement(category: Category): readonly string[] {
  const { name, color, attributes = [], skeleton } = category
  if (!isXmlText(name)) return []
  const cvat = category.extra?.['cvat']
  const rest: JsonObject = isObject(cvat) ? cvat : {}
  const others = Object.entries(rest).flatMap(([key, value]) => {
    return typeof value === 'string' && XML_NAME.test(key) && isXmlText(value) && key !== 'svg'
      ? [`  ${textTag(key, value)}`]
      : []
  })
  const svg =
    skeleton === undefined ? rest['svg'] : (keptSvg(rest, skeleton.points) ?? writeSvg(skeleton))
  const label = [
    '<label>',
    `  ${textTag('name', name)}`,
    ...(color === undefined ? [] : [`  ${textTag('color', colorText(color))}`]),
    ...others,
    '  <attributes>',
    ...attributes.flatMap((definition) => attributeElement(definition, rest['attributes'])),
    '  </attributes>',
    ...(typeof svg === 'string' && isXmlText(svg) ? [`  ${textTag('svg', svg)}`] : []),
    '</label>',
  ]
  const sublabels = (skeleton?.points ?? []).flatMap((point) => sublabel(point, name, rest))
  return [...label, ...sublabels]
}

/** The drawing that was read, for as long as it shows these points. */
function keptSvg(rest: JsonObject, points: readonly string[]): string | undefined {
  const { svg, sublabels } = rest
  if (typeof svg !== 'string' || !isArray(sublabels)) return undefined
  const names = sublabels.map((each) => elementFromJson(each)?.children.find(isName)?.text.trim())
  return names.join('\0') === points.join('\0') ? svg : undefined
}

function isName({ name }: XmlElement): boolean {
  return name === 'name'
}

function sublabel(point: string, parent: string, rest: JsonObject): readonly string[] {
  if (!isXmlText(point)) return []
  const { sublabels } = rest
  const known = (isArray(sublabels) ? sublabels : [])
    .map((each) => elementFromJson(each))
    .find((each) => each?.children.find(isName)?.text.trim() === point)
  if (known !== undefined) return elementLines(withParent(known, parent), '', [])
  return [
    '<label>',
    `  ${textTag('name', point)}`,
    `  ${textTag('type', 'points')}`,
    '  <attributes>',
    '  </attributes>',
    `  ${textTag('parent', parent)}`,
    '</label>',
  ]
}

function withParent(element: XmlElement, parent: string): XmlElement {
  const children = element.children.map((child) =>
    child.name === 'parent' ? { ...child, text: parent } : child,
  )
  return { ...element, children }
}

function attributeElement(
  definition: AttributeDefinition,
  raw: Json | undefined,
): readonly string[] {
  const { name, type, values = [], default: fallback, mutable } = definition
  if (!isXmlText(name)) return []
  const own = isObject(raw) ? raw[name] : undefined
  const rest: JsonObject = isObject(own) ? own : {}
  const text = (key: string, otherwise: string): string => {
    const known = rest[key]
    const value = typeof known === 'string' ? known : otherwise
    return isXmlText(value) ? value : ''
  }
  const isNumber = type === 'number' || type === 'integer'
  const written = fallback === undefined ? '' : formatAttribute(fallback)
  const lines = [
    textTag('name', name),
    ...(mutable === undefined ? [] : [textTag('mutable', mutable ? 'True' : 'False')]),
    textTag('input_type', text('input_type', INPUT_TYPES.get(type) ?? 'text')),
    textTag('default_value', text('default_value', written)),
    textTag('values', text('values', isNumber ? '' : values.map(formatAttribute).join('\n'))),
  ]
  return ['    <attribute>', ...lines.map((line) => `      ${line}`), '    </attribute>']
}

function colorText(color: readonly number[]): string {
  return `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}
