import type { AnnotationDraft } from '@dsv/core'
import type { LabelLine, LineShape } from './label-line.ts'
import type { Size } from './image-size.ts'

/** An annotation without category and extra fields: what the numbers of a line say. */
export type LineDraft = Pick<AnnotationDraft, 'score' | 'track' | 'box'> & AnnotationDraft

/** Returns what a line says about an image of this size, in pixels of the upright image. */
export function lineToDraft(line: LabelLine, size: Size, shape: LineShape): LineDraft {
  const common = {
    ...(line.score !== undefined && { score: line.score }),
    ...(line.track !== undefined && { track: line.track }),
  }
  if (line.kind === 'box') return { ...common, type: 'box', ...boxOf(line.values, size) }
  if (line.kind === 'pose') return { ...common, ...poseOf(line.values, size, shape) }
  const points = toPixels(line.values, size)
  if (line.kind === 'quad') return { ...common, type: 'quad', points }
  return { ...common, type: 'polygon', parts: [[points]] }
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function boxOf(values: readonly number[], size: Size): Box {
  const [cx = 0, cy = 0, width = 0, height = 0] = values
  return {
    x: (cx - width / 2) * size.width,
    y: (cy - height / 2) * size.height,
    width: width * size.width,
    height: height * size.height,
  }
}

function toPixels(values: readonly number[], size: Size): readonly number[] {
  return values.map((value, index) => value * (index % 2 === 0 ? size.width : size.height))
}

/** A box whose keypoints are all zeros is how a box without keypoints is written: it is read as a box. */
function poseOf(values: readonly number[], size: Size, shape: LineShape): LineDraft {
  const box = boxOf(values, size)
  const dimensions = shape.keypoints?.dimensions ?? 3
  if (values.slice(4).every((value) => value === 0)) return { type: 'box', ...box }
  const points: number[] = []
  const visibility: number[] = []
  for (let start = 4; start < values.length; start += dimensions) {
    const x = values[start] ?? 0
    const y = values[start + 1] ?? 0
    points.push(x * size.width, y * size.height)
    visibility.push(
      dimensions === 2 ? (x < 0 || y < 0 ? 0 : 2) : visibilityOf(values[start + 2] ?? 0),
    )
  }
  return { type: 'points', points, visibility, box: [box.x, box.y, box.width, box.height] }
}

/** Predictions write a probability where labels write 0, 1 or 2; from a half on it counts as visible. */
function visibilityOf(value: number): number {
  if (value === 0 || value === 1 || value === 2) return value
  return value >= 0.5 ? 2 : 0
}
