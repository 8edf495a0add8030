import type { Attributes, AttributeValue } from '@dsv/core'

/** What the name of an image says: `0001_c2s3_000151_01` and anything after it. */
export interface PersonName {
  readonly attributes: Attributes
  /** What follows; mostly nothing. */
  readonly rest: string
}

const NAME = /^(-?\d+)_c(\d+)s(\d+)_(\d+)_(\d+)(.*)$/su

/** Returns what a name says; cameras are counted from 0. Undefined for other names. */
export function parsePersonName(name: string): PersonName | undefined {
  const [, person, camera, track, frame, box, rest] = NAME.exec(name) ?? []
  if (person === undefined || rest === undefined) return undefined
  return {
    attributes: {
      person_id: person,
      camera_id: Number(camera) - 1,
      track_id: Number(track),
      frame_id: Number(frame),
      bbox_id: Number(box),
    },
    rest,
  }
}

/** Returns the name that says these attributes; undefined when they say no person. */
export function formatPersonName(attributes: Attributes, rest: string): string | undefined {
  const person = attributes['person_id']
  if (typeof person !== 'string' || !/^-?\d+$/u.test(person)) return undefined
  const camera = countOf(attributes['camera_id'], 0) + 1
  const track = countOf(attributes['track_id'], 1)
  const frame = String(countOf(attributes['frame_id'], 0)).padStart(6, '0')
  const box = String(countOf(attributes['bbox_id'], 0)).padStart(2, '0')
  return `${person}_c${camera}s${track}_${frame}_${box}${rest}`
}

function countOf(value: AttributeValue | undefined, otherwise: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : otherwise
}
