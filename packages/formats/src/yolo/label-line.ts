/** What the lines of a dataset look like; it settles what the number of fields alone cannot. */
export interface LineShape {
  readonly task: 'detect' | 'segment' | 'pose' | 'obb'
  /** `kpt_shape`: how many points an object has, and numbers a point (2, or 3 with visibility). */
  readonly keypoints?: { readonly count: number; readonly dimensions: number }
  /** Whether lines end with a confidence and a track id, as predictions of a tracker do. */
  readonly isTracked: boolean
}

/** One line of a label file, its numbers still normalised. */
export interface LabelLine {
  readonly classIndex: number
  readonly kind: 'box' | 'polygon' | 'quad' | 'pose'
  /** The numbers of the geometry: after the class, before confidence and track. */
  readonly values: readonly number[]
  readonly score?: number
  readonly track?: number
}

/** Why a line cannot be read. */
export interface LineProblem {
  readonly problem: string
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/**
 * Reads the fields of one line: class, then `cx cy w h`, a polygon, four corners, or a box with its
 * keypoints; then, in predictions, a confidence and a track id.
 *
 * Follows `verify_image_label` of
 * https://github.com/ultralytics/ultralytics/blob/main/ultralytics/data/utils.py and `save_txt` of its
 * `engine/results.py`.
 */
export function parseLabelLine(
  fields: readonly string[],
  shape: LineShape,
): LabelLine | LineProblem {
  const numbers: number[] = []
  for (const field of fields) {
    const number = NUMBER.test(field) ? Number(field) : NaN
    if (!Number.isFinite(number)) return { problem: `"${field.slice(0, 40)}" is no number` }
    numbers.push(number)
  }
  const classIndex = numbers.shift() ?? -1
  if (!Number.isInteger(classIndex) || classIndex < 0) {
    return { problem: `"${fields[0]?.slice(0, 40) ?? ''}" is no index of a class` }
  }
  const cut = geometryCount(numbers, shape, fields.at(-1) ?? '')
  if (typeof cut === 'string') return { problem: `has ${fields.length} fields, expected ${cut}` }
  const [score, track] = numbers.slice(cut.count)
  return {
    classIndex,
    kind: cut.kind,
    values: numbers.slice(0, cut.count),
    ...(score !== undefined && { score }),
    ...(track !== undefined && { track }),
  }
}

/** Returns those fields after the class that are coordinates: no visibility, confidence or track. */
export function coordinateFields<Field>(
  fields: readonly Field[],
  line: LabelLine,
  shape: LineShape,
): readonly Field[] {
  const hasVisibility = line.kind === 'pose' && shape.keypoints?.dimensions === 3
  return fields.filter((_, index) => {
    if (index >= line.values.length) return false
    return !hasVisibility || index < 4 || (index - 4) % 3 !== 2
  })
}

/** Returns whether the text of a line's last field can only be a track id: a whole number from 2 up. */
export function isTrackId(field: string): boolean {
  return /^\d{1,15}$/.test(field) && Number(field) >= 2
}

interface Cut {
  readonly kind: LabelLine['kind']
  readonly count: number
}

function geometryCount(numbers: readonly number[], shape: LineShape, last: string): Cut | string {
  const count = numbers.length
  if (shape.task === 'pose') return poseCount(count, shape)
  if (count < 4) return '5 or more'
  if (count === 4 || count === 5) return { kind: 'box', count: 4 }
  const score = numbers[count - 2] ?? 2
  const isTracked =
    score >= 0 && score <= 1 && (isTrackId(last) || (shape.isTracked && /^\d+$/.test(last)))
  const trailing = count % 2 === 1 ? 1 : isTracked ? 2 : 0
  const rest = count - trailing
  if (rest === 4) return { kind: 'box', count: 4 }
  if (rest === 8 && shape.task === 'obb') return { kind: 'quad', count: 8 }
  return { kind: 'polygon', count: rest }
}

function poseCount(count: number, shape: LineShape): Cut | string {
  const { count: points, dimensions } = shape.keypoints ?? { count: 0, dimensions: 3 }
  const full = 4 + points * dimensions
  const trailing = count - full
  if (trailing < 0 || trailing > 2) return `${full + 1}`
  return { kind: 'pose', count: full }
}
