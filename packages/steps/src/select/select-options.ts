import { MAX_HASH_DISTANCE } from '@dsv/analysis'
import { optionInvalid } from '../errors.ts'

/** Returns the seed. @throws `DSV_OPTION_INVALID` */
export function seedOf(step: string, seed: number | undefined): number {
  if (seed !== undefined && !Number.isSafeInteger(seed))
    throw optionInvalid(step, 'seed', `is ${seed}, not a whole number`)
  return seed ?? 0
}

/** Returns the distance of near-duplicates. @throws `DSV_OPTION_INVALID` */
export function distanceOf(step: string, distance: number | undefined): number | undefined {
  const isWhole = distance === undefined || (Number.isInteger(distance) && distance >= 0)
  if (!isWhole || (distance ?? 0) > MAX_HASH_DISTANCE)
    throw optionInvalid(step, 'distance', `is not a whole number from 0 to ${MAX_HASH_DISTANCE}`)
  return distance
}
