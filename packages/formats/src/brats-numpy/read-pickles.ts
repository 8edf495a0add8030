import { formatSyntax } from '@dsv/core'
import { safeMediaName } from '../shared/media-finder.ts'
import { elementAt, isKind, listOf, type PickleValue, textOf } from '../shared/pickle-value.ts'
import { readPickle } from '../shared/read-pickle.ts'

/** Two corners of a box in voxels: three numbers each. */
export type VoxelBox = readonly number[]

const BOX_NUMBERS = 6

/** Returns the names of volumes in a pickle, which is not executed. @throws `DSV_FORMAT_SYNTAX` */
export function readIds(bytes: Uint8Array, file: string): readonly string[] {
  const ids = listOf(readPickle(bytes, file))?.map((value) => textOf(value) ?? '')
  if (ids === undefined) throw formatSyntax(file, 'is no list of names')
  const wrong = ids.find((id) => id === '' || safeMediaName(id) !== id)
  if (wrong !== undefined) throw formatSyntax(file, `has a name that no file can have: ${wrong}`)
  return ids
}

/** Returns the boxes of volumes in a pickle, in their order. @throws `DSV_FORMAT_SYNTAX` */
export function readBoxes(bytes: Uint8Array, file: string): readonly VoxelBox[] {
  const numbers: number[] = []
  collect(readPickle(bytes, file), numbers, file, 0)
  if (numbers.length % BOX_NUMBERS !== 0) throw formatSyntax(file, 'has a box of not two corners')
  return Array.from({ length: numbers.length / BOX_NUMBERS }, (_, at) =>
    numbers.slice(at * BOX_NUMBERS, (at + 1) * BOX_NUMBERS),
  )
}

/** Lists and arrays of numbers, however they are nested. */
function collect(value: PickleValue, numbers: number[], file: string, depth: number): void {
  if (typeof value === 'number' && Number.isFinite(value)) {
    numbers.push(value)
  } else if (Array.isArray(value) && depth < MAX_DEPTH && numbers.length < MAX_NUMBERS) {
    for (const each of value) collect(each, numbers, file, depth + 1)
  } else if (isKind(value, 'array') && !(value.isFortran && value.shape.length > 1)) {
    const length = value.shape.reduce((product, side) => product * side, 1)
    // An array has no more elements than bytes.
    for (let at = 0; at < Math.min(length, value.data.length); at += 1) {
      const element = elementAt(value, at)
      if (element === undefined) throw formatSyntax(file, 'has an array that is no box')
      if (depth < MAX_DEPTH) collect(element, numbers, file, depth + 1)
    }
  } else throw formatSyntax(file, 'holds something else than boxes')
}

const MAX_DEPTH = 8
const MAX_NUMBERS = 6_000_000
