import type { Annotation, AnnotationDraft } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { annotationToValues, type LineValues } from './annotation-to-values.ts'
import type { Size } from './image-size.ts'
import { coordinateFields, type LabelLine, parseLabelLine } from './label-line.ts'
import type { YoloLayout } from './layout.ts'
import { lineToDraft } from './line-to-draft.ts'
import { commonDecimals, numbersText } from './number-text.ts'

/** The part of a layout that says how lines are written. */
export type LineStyle = Pick<YoloLayout, 'shape' | 'decimals'>

/** Returns the lines of an annotation without their class, or undefined when there are none. */
export function lineText(
  annotation: Annotation | AnnotationDraft,
  size: Size,
  style: LineStyle,
): readonly string[] | undefined {
  return annotationToValues(annotation, size, style.shape)?.map(({ values }) =>
    valuesText(values, style),
  )
}

/**
 * Returns the text that a line was read from, when it still says what the annotation says; else the
 * numbers of the annotation, in the same kind of line.
 */
export function keptLineText(
  annotation: Annotation,
  size: Size,
  style: LineStyle,
): string | undefined {
  const source = annotation.extra?.['yolo']
  const text = isObject(source) ? source['values'] : undefined
  if (typeof text !== 'string') return undefined
  const line = parseLabelLine(['0', ...text.split(' ')], style.shape)
  if ('problem' in line) return undefined
  if (sameMeaning(annotation, lineToDraft(line, size, style.shape))) return text
  const decimals = commonDecimals(coordinateFields(text.split(' '), line, style.shape))
  return sameKindText(
    annotation,
    line,
    size,
    decimals === undefined ? style : { ...style, decimals },
  )
}

/** A line with confidence, or a box between polygons, stays one when its numbers change. */
function sameKindText(
  annotation: Annotation,
  line: LabelLine,
  size: Size,
  style: LineStyle,
): string | undefined {
  const shape = { ...style.shape, task: TASKS[line.kind] }
  const found = annotationToValues(annotation, size, shape)
  const [only] = found ?? []
  if (only === undefined || found?.length !== 1 || only.reduced) return undefined
  const trailing = trailingValues(annotation, line)
  if (trailing === undefined) return undefined
  return [valuesText(only.values, style), ...trailing].join(' ')
}

const TASKS = { box: 'detect', polygon: 'segment', quad: 'obb', pose: 'pose' } as const

/** Confidence and track id, where the line had them; undefined when they cannot be written alike. */
function trailingValues(annotation: Annotation, line: LabelLine): readonly string[] | undefined {
  const { score, track } = annotation
  if (line.score === undefined) return score === undefined && track === undefined ? [] : undefined
  if (score === undefined) return undefined
  if (line.track === undefined) return track === undefined ? [String(score)] : undefined
  return typeof track === 'number' ? [String(score), String(track)] : undefined
}

function valuesText(values: LineValues['values'], { shape, decimals }: LineStyle): string {
  const dimensions = shape.keypoints?.dimensions
  if (shape.task !== 'pose' || dimensions !== 3) return numbersText(values, decimals)
  const fields = values.map((value, index) => {
    const isVisibility = index >= 4 && (index - 4) % 3 === 2
    return numbersText([value], isVisibility ? undefined : decimals)
  })
  return fields.join(' ')
}

const GEOMETRY_FIELDS = [
  'type',
  'x',
  'y',
  'width',
  'height',
  'points',
  'parts',
  'visibility',
  'box',
  'score',
  'track',
] as const

function sameMeaning(a: AnnotationDraft, b: AnnotationDraft): boolean {
  return meaningOf(a) === meaningOf(b)
}

function meaningOf(annotation: AnnotationDraft): string {
  const fields = new Map<string, unknown>(Object.entries(annotation))
  return JSON.stringify(GEOMETRY_FIELDS.map((field) => fields.get(field) ?? null))
}
