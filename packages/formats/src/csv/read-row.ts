import {
  type AnnotationCommon,
  type AnnotationDraft,
  type Attributes,
  type AttributeValue,
  type BoxNumbers,
  formatSyntax,
} from '@dsv/core'
import { cellText, cellValue } from '../shared/cell-value.ts'
import { type Field, templatesOf } from './column-map.ts'
import type { CsvTable } from './find-tables.ts'
import { ATTRIBUTE_PREFIX } from './guess-columns.ts'
import { fillTemplate, type Template } from './template.ts'

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** What the rows of one table are read with. */
export interface RowReader {
  /** What the row says its image is called; empty when nothing. */
  readonly image: (row: readonly string[]) => string
  readonly item: (row: readonly string[]) => string | undefined
  readonly subset: (row: readonly string[]) => string
  readonly labels: (row: readonly string[]) => readonly string[]
  readonly size: (row: readonly string[], where: string) => ImageSize | undefined
  /** Whether the row has a box in parts of the size of its image. */
  readonly needsSize: (row: readonly string[]) => boolean
  /** @throws `DSV_FORMAT_SYNTAX` */
  readonly annotations: (
    row: readonly string[],
    size: ImageSize | undefined,
    where: string,
  ) => readonly AnnotationDraft[]
}

/** Returns what reads the rows of a table. */
export function rowReader({ path, columns, map, subset }: CsvTable): RowReader {
  const places = new Map(columns.toReversed().map((name, at) => [name, columns.length - 1 - at]))
  const fill = (template: Template | undefined, row: readonly string[]): string =>
    template === undefined
      ? ''
      : fillTemplate(template, (column) => row[places.get(column) ?? -1] ?? '')
  const used = new Set(templatesOf(map).flatMap((template) => template.columns))
  const rest = columns.flatMap((name, at) =>
    used.has(name) || name === '' ? [] : [[at, attributeName(name)] as const],
  )
  const labelsOf = (row: readonly string[]): readonly string[] =>
    map.labels.flatMap((template) => cellText(fill(template, row)) ?? [])
  const numberIn = (text: string, what: string, where: string): number => {
    const number = Number(text)
    if (text.trim() !== '' && Number.isFinite(number)) return number
    throw formatSyntax(path, `${where} has a ${what} that is no number: ${text.slice(0, 80)}`)
  }
  const boxOf = (row: readonly string[], where: string): readonly number[] | undefined => {
    if (map.box === undefined) return undefined
    const texts = map.box.numbers.map((template) => fill(template, row))
    if (texts.every((text) => text.trim() === '')) return undefined
    if (texts.length === 4) return texts.map((text) => numberIn(text, 'box', where))
    const [text = ''] = texts
    const parts = text.split(/[\s,;[\](){}]+/u).filter((part) => part !== '')
    if (parts.length === 0) return undefined
    if (parts.length === 4) return parts.map((part) => numberIn(part, 'box', where))
    throw formatSyntax(path, `${where} has a box of ${parts.length} numbers and not 4`)
  }
  const fieldsOf = (row: readonly string[], where: string): AnnotationCommon => {
    const fields = [...map.fields].flatMap(([field, template]) => {
      const value = cellValue(fill(template, row))
      return value === undefined ? [] : [fieldOf(field, value, () => problem(where, field))]
    })
    return Object.assign({}, ...fields)
  }
  const problem = (where: string, field: string): Error =>
    formatSyntax(path, `${where} has a ${field} of the wrong kind`)
  return {
    image: (row) => cellText(fill(map.image, row)) ?? '',
    item: (row) => cellText(fill(map.item, row)),
    subset: (row) => subset ?? cellText(fill(map.subset, row)) ?? 'default',
    labels: labelsOf,
    size: (row, where) => {
      if (map.size === undefined) return undefined
      const [width = '', height = ''] = map.size.map((template) => fill(template, row))
      if (width.trim() === '' || height.trim() === '') return undefined
      const size = {
        width: numberIn(width, 'width', where),
        height: numberIn(height, 'height', where),
      }
      return size.width > 0 && size.height > 0 ? size : undefined
    },
    needsSize: (row) => map.isRelative && boxOf(row, '') !== undefined,
    annotations: (row, size, where) => {
      const attributes = attributesOf(rest, row)
      const common: AnnotationCommon = {
        ...fieldsOf(row, where),
        ...(Object.keys(attributes).length > 0 && { attributes }),
      }
      const names = labelsOf(row)
      const caption = cellText(fill(map.caption, row))
      const numbers = boxOf(row, where)
      const drafts: AnnotationDraft[] = []
      if (numbers !== undefined) {
        const [x, y, width, height] = boxInPixels(numbers, map.box?.style ?? 'bbox', scaleOf(size))
        const [category] = names
        drafts.push({
          type: 'box',
          x,
          y,
          width,
          height,
          ...(category !== undefined && { category }),
        })
      } else drafts.push(...names.map((category) => ({ type: 'label' as const, category })))
      if (caption !== undefined) drafts.push({ type: 'caption', text: caption })
      // What else a row says is about what it says first.
      return drafts.map((draft, at) => (at === 0 ? { ...common, ...draft } : draft))
    },
  }

  function scaleOf(size: ImageSize | undefined): ImageSize {
    return map.isRelative && size !== undefined ? size : { width: 1, height: 1 }
  }
}

/** Returns a box in pixels from four numbers as they are stated. */
export function boxInPixels(
  numbers: readonly number[],
  style: 'bbox' | 'corners' | 'center',
  { width, height }: ImageSize,
): BoxNumbers {
  const [a = 0, b = 0, c = 0, d = 0] = numbers.map(
    (each, at) => each * (at % 2 === 0 ? width : height),
  )
  if (style === 'corners') return [a, b, c - a, d - b]
  if (style === 'center') return [a - c / 2, b - d / 2, c, d]
  return [a, b, c, d]
}

function attributeName(column: string): string {
  return column.startsWith(ATTRIBUTE_PREFIX) ? column.slice(ATTRIBUTE_PREFIX.length) : column
}

function attributesOf(
  rest: readonly (readonly [at: number, name: string])[],
  row: readonly string[],
): Attributes {
  const pairs = rest.flatMap(([at, name]) => {
    const value = cellValue(row[at] ?? '')
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(pairs)
}

function fieldOf(field: Field, value: AttributeValue, problem: () => Error): AnnotationCommon {
  switch (field) {
    case 'score':
    case 'zOrder':
    case 'area':
      if (typeof value !== 'number') throw problem()
      return { [field]: value }
    case 'group':
    case 'track':
    case 'sourceId':
      return { [field]: typeof value === 'number' ? value : String(value) }
    case 'occluded':
    case 'outside':
    case 'truncated':
    case 'crowd':
      if (typeof value === 'boolean') return { [field]: value }
      if (value !== 0 && value !== 1) throw problem()
      return { [field]: value === 1 }
  }
}
