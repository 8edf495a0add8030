import {
  type AnnotationDraft,
  type Attributes,
  type BoxNumbers,
  formatSyntax,
  type Json,
} from '@dsv/core'
import { childOf, elementToJson, type XmlElement } from '../shared/xml-element.ts'
import { formatAttributes, parseAttributes } from './attribute-text.ts'

/** An object of a file: its id and its place among the parts of others, and what it says. */
export interface LabelmeObject {
  readonly id: number
  readonly parent: number | undefined
  readonly parts: readonly number[]
  /** The group that we wrote, where the parts do not tell it. */
  readonly group: number | string | undefined
  /** What it says but for the mask, which is another file. */
  readonly draft: AnnotationDraft | undefined
  /** The file of the mask, where it is one. */
  readonly mask: string | undefined
  readonly scribble: string | undefined
}

const OWN: ReadonlySet<string> = new Set(
  'name deleted occluded attributes parts id type polygon segm'.split(' '),
)

/** Returns the trimmed text of a child: the tool puts lines around it. */
export function textOf(element: XmlElement | undefined, name: string): string {
  return (element === undefined ? undefined : childOf(element, name))?.text.trim() ?? ''
}

/** Returns the class of an object; empty when it has none. */
export function nameOf(object: XmlElement): string {
  return textOf(object, 'name')
}

/** Returns whether an object was deleted; it is kept in the file. */
export function isDeleted(object: XmlElement): boolean {
  return !/^0?$/u.test(textOf(object, 'deleted'))
}

/** Reads one object. @throws `DSV_FORMAT_SYNTAX` with the line */
export function readObject(object: XmlElement, file: string): LabelmeObject {
  const id = integerOf(textOf(object, 'id'), object, file)
  const polygon = childOf(object, 'polygon')
  const segment = childOf(object, 'segm')
  const shape = polygon ?? segment
  const parts = childOf(object, 'parts')
  const parent = textOf(parts, 'ispartof')
  const attributeText = textOf(object, 'attributes')
  const username = textOf(shape, 'username')
  const attributes: Attributes = {
    ...parseAttributes(attributeText),
    ...(username !== '' && { username }),
  }
  const occluded = textOf(object, 'occluded').toLowerCase()
  const name = nameOf(object)
  const common = {
    ...(name !== '' && { category: name }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...((occluded === 'yes' || occluded === 'no') && { occluded: occluded === 'yes' }),
    sourceId: id,
    ...extraOf(object, shape, attributeText),
  }
  const geometry = polygon === undefined ? undefined : geometryOf(object, polygon, file)
  const group = textOf(parts, 'group')
  return {
    id,
    parent: parent === '' ? undefined : integerOf(parent, object, file),
    parts: integersOf(textOf(parts, 'hasparts'), object, file),
    group: group === '' ? undefined : /^\d{1,15}$/u.test(group) ? Number(group) : group,
    ...(geometry === undefined
      ? maskOf(segment, common, file)
      : { draft: { ...common, ...geometry }, mask: undefined, scribble: undefined }),
  }
}

function integerOf(text: string, { line }: XmlElement, file: string): number {
  if (/^\d{1,15}$/u.test(text)) return Number(text)
  throw formatSyntax(file, `line ${line}: the object has no number as id: "${text.slice(0, 40)}"`)
}

function integersOf(text: string, object: XmlElement, file: string): readonly number[] {
  return text
    .split(',')
    .filter((each) => each.trim() !== '')
    .map((each) => integerOf(each.trim(), object, file))
}

/** What stands in the file besides. */
function extraOf(
  object: XmlElement,
  shape: XmlElement | undefined,
  attributeText: string,
): Pick<AnnotationDraft, 'extra'> {
  const rest = object.children.filter(({ name, text }) => {
    const isUsual =
      (name === 'verified' && text.trim() === '0') || (name === 'date' && text.trim() === '')
    return !OWN.has(name) && !isUsual
  })
  const isFree = formatAttributes(parseAttributes(attributeText)) !== attributeText
  const shapeOwn: ReadonlySet<string> = new Set(['username', 'pt', 'box', 'mask'])
  const shapeRest = (shape?.children ?? []).filter(({ name }) => !shapeOwn.has(name))
  const own: Record<string, Json> = {
    ...(isFree && { attributes: attributeText }),
    ...(rest.length > 0 && { rest: rest.map(elementToJson) }),
    ...(shapeRest.length > 0 && { shape: shapeRest.map(elementToJson) }),
    // The tool writes it for masks too, where it says nothing.
    ...(shape?.name === 'segm' &&
      textOf(object, 'type') !== '' && { type: textOf(object, 'type') }),
  }
  return Object.keys(own).length === 0 ? {} : { extra: { 'labelme-xml': own } }
}

function geometryOf(
  object: XmlElement,
  polygon: XmlElement,
  file: string,
): Pick<AnnotationDraft & { type: 'polygon' }, 'type' | 'parts'> | BoxShape | undefined {
  const points = polygon.children
    .filter(({ name }) => name === 'pt')
    .flatMap((point) => [numberOf(point, 'x', file), numberOf(point, 'y', file)])
  if (points.length === 0) return undefined
  if (textOf(object, 'type') !== 'bounding_box') return { type: 'polygon', parts: [[points]] }
  const xs = points.filter((_, at) => at % 2 === 0)
  const ys = points.filter((_, at) => at % 2 === 1)
  const [left, right] = rangeOf(xs)
  const [top, bottom] = rangeOf(ys)
  return { type: 'box', x: left, y: top, width: right - left, height: bottom - top }
}

/** A file may have more points than a call has arguments. */
function rangeOf(numbers: readonly number[]): readonly [least: number, most: number] {
  return numbers.reduce<readonly [number, number]>(
    ([least, most], each) => [Math.min(least, each), Math.max(most, each)],
    [Infinity, -Infinity],
  )
}

type BoxShape = Pick<AnnotationDraft & { type: 'box' }, 'type' | 'x' | 'y' | 'width' | 'height'>

function numberOf(element: XmlElement, name: string, file: string): number {
  const text = textOf(element, name)
  const value = Number(text)
  if (text !== '' && Number.isFinite(value)) return value
  throw formatSyntax(
    file,
    `line ${element.line}: ${name} should be a number, not "${text.slice(0, 40)}"`,
  )
}

function maskOf(
  segment: XmlElement | undefined,
  common: Omit<AnnotationDraft & { type: 'label' }, 'type'>,
  file: string,
): Pick<LabelmeObject, 'draft' | 'mask' | 'scribble'> {
  const mask = textOf(segment, 'mask')
  if (segment === undefined || mask === '') {
    return { draft: undefined, mask: undefined, scribble: undefined }
  }
  const around = childOf(segment, 'box')
  const scribble = textOf(childOf(segment, 'scribbles'), 'scribble_name')
  const box = around === undefined ? undefined : boxOf(around, file)
  return {
    // Its pixels are those of the other file.
    draft: { ...common, type: 'mask', width: 0, height: 0, counts: '', ...(box && { box }) },
    mask,
    scribble: scribble === '' ? undefined : scribble,
  }
}

function boxOf(around: XmlElement, file: string): BoxNumbers {
  const [left, top] = [numberOf(around, 'xmin', file), numberOf(around, 'ymin', file)]
  const [right, bottom] = [numberOf(around, 'xmax', file), numberOf(around, 'ymax', file)]
  return [left, top, right - left, bottom - top]
}
