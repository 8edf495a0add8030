import {
  type AnnotationDraft,
  type Annotation,
  type Attributes,
  type AttributeValue,
  type CategoryKey,
  formatSyntax,
} from '@dsv/core'
import type { Holdings } from '../shared/report-losses.ts'

/** What faces are like, in the order of the columns after the box. */
const ATTRIBUTES: readonly string[] = [
  'blur',
  'expression',
  'illumination',
  'invalid',
  'occlusion',
  'pose',
]
const BOX_FIELDS = 4
const ALL_FIELDS = 10

/** The class of boxes that name none. */
export const FACE = 'face'

/** Returns the name of a class at the end of a row: columns that Datumaro adds. */
export function classOfRow(row: string): string | undefined {
  const fields = row.split(/\s+/u)
  const isLong = fields.length > ALL_FIELDS
  if (!isLong && fields.length !== BOX_FIELDS + 1) return undefined
  return fields.slice(isLong ? ALL_FIELDS : BOX_FIELDS).join(' ')
}

/** Reads the row of a box. @throws `DSV_FORMAT_SYNTAX` */
export function readRow(
  row: string,
  place: { readonly file: string; readonly line: number },
  categories: ReadonlySet<CategoryKey>,
): AnnotationDraft {
  const fields = row.split(/\s+/u)
  const numbers = fields.slice(0, BOX_FIELDS).map(Number)
  const [x, y, width, height] = numbers
  if (
    x === undefined ||
    y === undefined ||
    width === undefined ||
    height === undefined ||
    !numbers.every(Number.isFinite)
  ) {
    throw formatSyntax(place.file, `the image of line ${place.line} has a row of no box: ${row}`)
  }
  const attributes = fields.length >= ALL_FIELDS ? attributesOf(fields, place) : {}
  const { occlusion } = attributes
  const name = classOfRow(row) ?? FACE
  return {
    type: 'box',
    x,
    y,
    width,
    height,
    ...(categories.has(name) && { category: name }),
    ...(typeof occlusion === 'number' && { occluded: occlusion > 0 }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  }
}

function attributesOf(
  fields: readonly string[],
  place: { readonly file: string; readonly line: number },
): Attributes {
  const known = ATTRIBUTES.flatMap((name, at): readonly (readonly [string, AttributeValue])[] => {
    const text = fields[BOX_FIELDS + at] ?? ''
    if (text === '-') return []
    const number = text === 'True' ? 1 : text === 'False' ? 0 : Number(text)
    if (!Number.isFinite(number)) {
      throw formatSyntax(place.file, `${name} of line ${place.line} should be a number: ${text}`)
    }
    return [[name, name === 'invalid' && number < 2 ? number === 1 : number]]
  })
  return Object.fromEntries(known)
}

/** Returns the row of a box, and what of the box it says. */
export function writeRow(
  annotation: Annotation & { readonly type: 'box' },
  className: string | undefined,
): { readonly text: string; readonly holds: Holdings } {
  const { x, y, width, height, attributes = {}, occluded } = annotation
  const values = ATTRIBUTES.map((name) => valueOf(name, attributes[name], occluded))
  const occlusion = Number(values[ATTRIBUTES.indexOf('occlusion')])
  const holds: Holdings = {
    format: 'wider-face',
    fields: new Set([
      'category',
      ...(occluded === undefined || occluded === occlusion > 0 ? (['occluded'] as const) : []),
    ]),
    attribute: (name, value) => ATTRIBUTES.includes(name) && isHeld(name, value),
  }
  const name = className === undefined || className === FACE ? [] : [className]
  return { text: `${[x, y, width, height, ...values, ...name].join(' ')}\n`, holds }
}

function valueOf(name: string, value: AttributeValue | undefined, occluded?: boolean): string {
  if (value !== undefined && isHeld(name, value)) return String(Number(value))
  return String(name === 'occlusion' ? Number(occluded === true) : 0)
}

function isHeld(name: string, value: AttributeValue): boolean {
  if (name === 'invalid')
    return typeof value === 'boolean' || (Number(value) > 1 && isNumber(value))
  return isNumber(value)
}

function isNumber(value: AttributeValue): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}
