import type { AnnotatedItem, Annotation, BoxGeometry, Media, WriteContext } from '@dsv/core'
import { textCell, valueCell } from '../shared/cell-value.ts'
import { closeNumber } from '../shared/close-number.ts'
import { csvRow } from '../shared/csv-text.ts'
import { type Holdings, reportAnnotationLosses } from '../shared/report-losses.ts'
import type { ColumnMap } from './column-map.ts'
import { boxInPixels, type ImageSize } from './read-row.ts'
import { attributeColumn, HOLDS, isHeld } from './row-needs.ts'
import { type Template, unfillTemplate } from './template.ts'
import type { WrittenTable } from './write.ts'

/** What writes the rows of one table. */
export interface RowWriter {
  /** Returns the rows of an item as text; reports what they cannot say. */
  readonly rowsOf: (item: AnnotatedItem, medium: Media, cell: string) => string
}

/** Returns what writes rows; `names` are the names of categories by key. */
export function rowWriter(
  { columns, map, delimiter }: WrittenTable,
  names: ReadonlyMap<string, string>,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
): RowWriter {
  const places = new Map(columns.toReversed().map((name, at) => [name, columns.length - 1 - at]))
  const holds: Holdings = { ...HOLDS, attribute: (name) => places.has(attributeColumn(name)) }
  const rowOf = (cells: readonly (readonly [Template | undefined, string])[]): Row => {
    const row = columns.map(() => '')
    let isWhole = true
    for (const [template, text] of cells) {
      if (template === undefined) continue
      const at = places.get(template.columns[0] ?? '')
      const value = unfillTemplate(template, text)
      if (at === undefined || value === undefined) isWhole = false
      else row[at] = value
    }
    return { row, isWhole }
  }
  return {
    rowsOf: (item, medium, cell) => {
      const where = `${item.subset}/${item.id}`
      const size = sizeOf(medium)
      const own = ownCells(map, item, cell, size)
      const rows: (readonly string[])[] = []
      for (const annotation of item.layers[layer] ?? []) {
        const box = annotation.type === 'box' ? boxCells(annotation, map, size) : NO_BOX
        if (!isHeld(annotation) || box === undefined) {
          onLoss({ what: `annotation: ${annotation.type}`, where })
          continue
        }
        const { row, isWhole } = rowOf([...own, ...box.cells, ...cellsOf(annotation, map, names)])
        if (!isWhole) {
          onLoss({ what: `annotation: ${annotation.type}`, where })
          continue
        }
        reportAnnotationLosses(annotation, holds, where, onLoss)
        for (const field of box.rounded) onLoss({ what: `field: ${field}`, where })
        if (annotation.type === 'caption' && annotation.category !== undefined)
          onLoss({ what: 'field: category', where })
        if (annotation.type === 'caption' && annotation.language !== undefined)
          onLoss({ what: 'field: language', where })
        for (const [name, value] of Object.entries(annotation.attributes ?? {})) {
          const at = places.get(attributeColumn(name))
          if (at !== undefined) row[at] = valueCell(value)
        }
        rows.push(row)
      }
      if (rows.length === 0) {
        const { row, isWhole } = rowOf(own)
        if (isWhole) rows.push(row)
        else onLoss({ what: 'item', where })
      }
      return rows.map((row) => csvRow(row, delimiter)).join('')
    },
  }
}

interface Row {
  readonly row: string[]
  /** Whether the templates could say everything. */
  readonly isWhole: boolean
}

type Cell = readonly [Template | undefined, string]

function sizeOf({ width, height }: Media): ImageSize | undefined {
  return width === undefined || height === undefined ? undefined : { width, height }
}

function ownCells(
  map: ColumnMap,
  item: AnnotatedItem,
  cell: string,
  size: ImageSize | undefined,
): readonly Cell[] {
  const [width, height] = map.size ?? []
  return [
    [map.image, textCell(cell)],
    [map.item, textCell(item.id)],
    [map.subset, textCell(item.subset)],
    [width, size === undefined ? '' : `${size.width}`],
    [height, size === undefined ? '' : `${size.height}`],
  ]
}

function cellsOf(
  annotation: Annotation,
  map: ColumnMap,
  names: ReadonlyMap<string, string>,
): readonly Cell[] {
  const { category } = annotation
  const isNamed = category !== undefined && annotation.type !== 'caption'
  return [
    [map.labels[0], isNamed ? textCell(names.get(category) ?? category) : ''],
    [map.caption, annotation.type === 'caption' ? textCell(annotation.text) : ''],
    ...[...map.fields].map(([field, template]): Cell => {
      const value = annotation[field]
      return [template, value === undefined ? '' : valueCell(value)]
    }),
  ]
}

interface BoxCells {
  readonly cells: readonly Cell[]
  /** Fields that are read as other numbers: no numbers of the file say them to the last bit. */
  readonly rounded: readonly string[]
}

const NO_BOX: BoxCells = { cells: [], rounded: [] }

/** Returns the cells of a box; undefined where it needs the size of its image and there is none. */
function boxCells(
  box: BoxGeometry,
  { box: stated, isRelative }: ColumnMap,
  size: ImageSize | undefined,
): BoxCells | undefined {
  if (stated === undefined || (isRelative && size === undefined)) return undefined
  const scale = isRelative && size !== undefined ? size : { width: 1, height: 1 }
  const { style, numbers: templates } = stated
  const [left, across] = alongAxis(box.x, box.width, style, scale.width)
  const [top, down] = alongAxis(box.y, box.height, style, scale.height)
  const numbers = [left, top, across, down]
  const read = boxInPixels(numbers, style, scale)
  const fields = ['x', 'y', 'width', 'height'] as const
  const rounded = fields.filter((field, at) => read[at] !== box[field])
  const texts = numbers.map((each) => `${each}`)
  const [first] = templates
  if (templates.length === 1) return { cells: [[first, `[${texts.join(', ')}]`]], rounded }
  return { cells: templates.map((template, at) => [template, texts[at] ?? '']), rounded }
}

/** Returns the two numbers that state where a box begins along an axis, and how long it is. */
function alongAxis(
  start: number,
  length: number,
  style: 'bbox' | 'corners' | 'center',
  scale: number,
): readonly [first: number, second: number] {
  if (style === 'corners') {
    const first = closeNumber(start / scale, start, (value) => value * scale)
    const end = (start + length) / scale
    return [first, closeNumber(end, length, (value) => value * scale - first * scale)]
  }
  const second = closeNumber(length / scale, length, (value) => value * scale)
  if (style === 'bbox') return [closeNumber(start / scale, start, (value) => value * scale), second]
  const middle = (start + length / 2) / scale
  const first = closeNumber(middle, start, (value) => value * scale - (second * scale) / 2)
  return [first, second]
}
