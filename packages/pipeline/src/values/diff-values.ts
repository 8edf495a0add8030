import type { Json } from '@dsv/core'
import type { FileValues } from './file-values.ts'

/** A value on two sides; a side that does not have it has none. */
export interface ValueChange {
  readonly file: string
  /** Dotted. */
  readonly key: string
  readonly before?: Json
  readonly after?: Json
  /** By how much a number grew. */
  readonly difference?: number
}

/** Returns what two sides say, file by file, in the order in which the later side says it; equal values are left out. */
export function diffValues(before: FileValues, after: FileValues): readonly ValueChange[] {
  return comparedValues(before, after).filter(
    (change) => JSON.stringify(change.before) !== JSON.stringify(change.after),
  )
}

/** Returns what two sides say, equal or not. */
export function comparedValues(before: FileValues, after: FileValues): readonly ValueChange[] {
  return joinedKeys(after, before).flatMap((file) => {
    const [old, now] = [before.get(file) ?? NOTHING, after.get(file) ?? NOTHING]
    return joinedKeys(now, old).map((key) => valueChange(file, key, old.get(key), now.get(key)))
  })
}

const NOTHING: ReadonlyMap<string, Json> = new Map()

function joinedKeys(
  first: ReadonlyMap<string, unknown>,
  second: ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...new Set([...first.keys(), ...second.keys()])]
}

function valueChange(
  file: string,
  key: string,
  before: Json | undefined,
  after: Json | undefined,
): ValueChange {
  const isNumeric = typeof before === 'number' && typeof after === 'number'
  return {
    file,
    key,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(isNumeric && { difference: after - before }),
  }
}
