import type { Attributes } from '@dsv/core'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'

/** What the path of an image says. */
export interface MarsImage {
  readonly path: string
  readonly subset: string
  /** The folder of the person: `0001`; `00-1` is junk, `0000` a distractor. */
  readonly person: string
  readonly name: string
  /** Undefined where the name is not one of MARS. */
  readonly attributes: Attributes | undefined
}

const PLACE = /^(?:.*\/)?bbox_([^/]+)\/([^/]+)\/([^/]+)$/u
const NAME = /^(\d{4}|00-1)C(\d)T(\d{4})F(\d{3,})$/u

/** Returns what a path says; undefined for files that are no images of a person. */
export function marsImageOf(path: string): MarsImage | undefined {
  const [, subset = '', person = '', file = ''] = PLACE.exec(path) ?? []
  if (file === '' || !isImagePath(file)) return undefined
  const name = withoutExtension(file)
  const [, id = '', camera, track, frame] = NAME.exec(name) ?? []
  const attributes = {
    person_id: id,
    camera_id: Number(camera),
    track_id: Number(track),
    frame_id: Number(frame),
  }
  return { path, subset, person, name, attributes: id === '' ? undefined : attributes }
}
