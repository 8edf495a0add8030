import type { Folder } from '@dsv/core'
import { coordinateFields, isTrackId, type LineShape, parseLabelLine } from './label-line.ts'
import { commonDecimals } from './number-text.ts'
import type { YoloConfig } from './yolo-config.ts'

/** What a sample of label files tells of all. */
export interface LineEvidence {
  readonly shape: LineShape
  readonly decimals?: number
}

const SAMPLES = 64
const SAMPLE_LINES = 200

/**
 * Looks at up to 64 label files, spread over all, and settles what the lines are: the configuration's
 * `kpt_shape` and `task` come first; lines that all have four corners are oriented boxes; any longer
 * line makes polygons.
 */
export async function lineEvidence(
  folder: Folder,
  labels: readonly string[],
  config: Pick<YoloConfig, 'keypoints' | 'task'>,
): Promise<LineEvidence> {
  const lines = await sampleLines(folder, labels)
  const { keypoints } = config
  const isTracked = lines.some((fields) => {
    return fields.length >= 7 && fields.length % 2 === 1 && isTrackId(fields.at(-1) ?? '')
  })
  const task = keypoints === undefined ? taskOf(lines, config.task, isTracked) : 'pose'
  const shape: LineShape = { task, isTracked, ...(keypoints && { keypoints }) }
  const decimals = commonDecimals(coordinateTexts(lines, shape))
  return {
    shape,
    ...(decimals !== undefined && { decimals }),
  }
}

type Fields = readonly string[]

function taskOf(
  lines: readonly Fields[],
  task: string | undefined,
  isTracked: boolean,
): LineShape['task'] {
  if (task === 'detect' || task === 'segment' || task === 'obb') return task
  const long = lines.filter(({ length }) => length > 6 && !(isTracked && length === 7))
  if (long.length === 0) return 'detect'
  const areQuads = long.every(
    ({ length }) => length === 9 || length === 10 || (isTracked && length === 11),
  )
  return areQuads && long.length === lines.length ? 'obb' : 'segment'
}

/** @yields the texts of coordinates: visibilities, confidences and track ids are written otherwise */
function* coordinateTexts(lines: readonly Fields[], shape: LineShape): Generator<string> {
  for (const fields of lines) {
    const line = parseLabelLine(fields, shape)
    if (!('problem' in line)) yield* coordinateFields(fields.slice(1), line, shape)
  }
}

async function sampleLines(folder: Folder, labels: readonly string[]): Promise<readonly Fields[]> {
  const lines: Fields[] = []
  const count = Math.min(SAMPLES, labels.length)
  for (let sample = 0; sample < count; sample += 1) {
    const path = labels[Math.floor((sample * labels.length) / count)]
    if (path === undefined) continue
    const text = Buffer.from(await folder.read(path)).toString('utf8')
    for (const line of text.split(/\r\n|\r|\n/, SAMPLE_LINES)) {
      const fields = line.trim().split(/\s+/)
      if (fields[0] !== '') lines.push(fields)
    }
  }
  return lines
}
