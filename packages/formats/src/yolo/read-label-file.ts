import { type AnnotationDraft, formatSyntax, type ReadContext } from '@dsv/core'
import { decodeText } from '../shared/text-reader.ts'
import type { Size } from './image-size.ts'
import { coordinateFields, type LabelLine, parseLabelLine } from './label-line.ts'
import type { YoloLayout } from './layout.ts'
import { lineToDraft } from './line-to-draft.ts'
import { lineText } from './line-text.ts'

/** What a label file says. */
export interface LabelFile {
  readonly annotations: readonly AnnotationDraft[]
  /** Lines that cannot be understood, or not without the size of the image: kept as they are. */
  readonly lines: readonly string[]
}

/** What reading label files needs. */
export interface LabelReading {
  readonly layout: YoloLayout
  /** Keys of categories by index of class. */
  readonly categories: ReadonlyMap<number, string>
  readonly context: Pick<ReadContext, 'onError' | 'onProblem'>
}

const TOLERANCE = 0.01

/** Reads a label file of an image of this size. @throws `DSV_FORMAT_SYNTAX` with the line */
export function readLabelFile(
  bytes: Uint8Array,
  file: string,
  size: Size | undefined,
  reading: LabelReading,
): LabelFile {
  const annotations: AnnotationDraft[] = []
  const lines: string[] = []
  let number = 0
  for (const line of decodeText(bytes, file).split(/\r\n|\r|\n/)) {
    number += 1
    const fields = line.trim().split(/\s+/)
    if (fields[0] === '') continue
    const found = parseLine(fields, reading)
    if (typeof found === 'string') {
      reportLine(file, number, found, reading.context)
      lines.push(line)
      continue
    }
    reportOutside(file, number, found.line, reading)
    if (size === undefined) lines.push(line)
    else annotations.push(draftOf(found, fields, size, reading))
  }
  if (size === undefined && lines.length > 0) {
    const message = 'the size of its image is not known, so its lines are kept as they are'
    reading.context.onProblem({ file, message })
  }
  return { annotations, lines }
}

interface FoundLine {
  readonly line: LabelLine
  readonly category: string
}

function parseLine(
  fields: readonly string[],
  { layout, categories }: LabelReading,
): FoundLine | string {
  const line = parseLabelLine(fields, layout.shape)
  if ('problem' in line) return line.problem
  const category = categories.get(line.classIndex)
  return category === undefined ? `class ${line.classIndex} has no name` : { line, category }
}

function draftOf(
  { line, category }: FoundLine,
  fields: readonly string[],
  size: Size,
  { layout }: LabelReading,
): AnnotationDraft {
  const draft: AnnotationDraft = { ...lineToDraft(line, size, layout.shape), category }
  const text = fields.slice(1).join(' ')
  const [usual] = lineText(draft, size, layout) ?? []
  return usual === text ? draft : { ...draft, extra: { yolo: { values: text } } }
}

function reportLine(
  file: string,
  number: number,
  problem: string,
  { onError, onProblem }: LabelReading['context'],
): void {
  if (onError === 'fail') throw formatSyntax(`${file}:${number}`, problem)
  onProblem({ file, message: `line ${number} ${problem}` })
}

/** Ultralytics skips an image with a coordinate beyond this; the values are kept here. */
function reportOutside(
  file: string,
  number: number,
  line: LabelLine,
  { layout, context }: LabelReading,
): void {
  const coordinates = coordinateFields(line.values, line, layout.shape)
  const isOutside = coordinates.some((value) => value > 1 + TOLERANCE || value < -TOLERANCE)
  if (isOutside) context.onProblem({ file, message: `line ${number} has values outside 0…1` })
}
