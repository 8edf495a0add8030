import type { Annotation, AnnotationDraft, Cuboid3dGeometry } from '@dsv/core'

/** A cuboid to be written. */
export type Cuboid = Annotation & Cuboid3dGeometry

/** One object over several frames; size and class are the same in all. */
export interface Track {
  readonly name: string
  readonly size: Cuboid3dGeometry['size']
  readonly poses: Map<number, Cuboid>
  /** The number that it had. */
  readonly number: number | undefined
}

/** Collects cuboids by their track. */
export interface Tracks {
  /**
   * Adds the cuboid of a frame. Returns whether it is in its track: there may be another of that frame,
   * class or size.
   */
  readonly add: (frame: number, cuboid: Cuboid, name: string) => boolean
  /** Returns all tracks, numbered ones first and in order. */
  readonly sorted: () => readonly Track[]
}

/** Starts with none. */
export function collectTracks(): Tracks {
  const byNumber = new Map<AnnotationDraft['track'], Track>()
  const others: Track[] = []
  return {
    add: (frame, cuboid, name) => {
      const { size, track } = cuboid
      const number = typeof track === 'number' && Number.isSafeInteger(track) ? track : undefined
      const known = track === undefined ? undefined : byNumber.get(track)
      if (known === undefined && track !== undefined) {
        byNumber.set(track, { name, size, number, poses: new Map([[frame, cuboid]]) })
        return true
      }
      const fits =
        known !== undefined &&
        known.name === name &&
        known.size.join() === size.join() &&
        !known.poses.has(frame)
      if (fits) known.poses.set(frame, cuboid)
      else others.push({ name, size, number: undefined, poses: new Map([[frame, cuboid]]) })
      return fits
    },
    sorted: () => {
      const order = ({ number }: Track): number => number ?? Number.MAX_SAFE_INTEGER
      return [...[...byNumber.values()].toSorted((a, b) => order(a) - order(b)), ...others]
    },
  }
}
