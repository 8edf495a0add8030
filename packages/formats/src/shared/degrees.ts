import { closeNumber } from './close-number.ts'

/** Returns radians in (−π, π] for degrees, in the same sense of rotation. */
export function radiansOf(degrees: number): number {
  const turned = degrees % 360
  const half = turned > 180 ? turned - 360 : turned <= -180 ? turned + 360 : turned
  return (half * Math.PI) / 180
}

/** Returns degrees from 0 to below 360 for radians: those that give the same radians where there are any. */
export function degreesOf(angle: number): number {
  const turned = ((angle * 180) / Math.PI) % 360
  return closeNumber(turned < 0 ? turned + 360 : turned, angle, radiansOf)
}
