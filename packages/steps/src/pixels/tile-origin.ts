import type { AnnotatedItem, Json } from '@dsv/core'

/** Where a tile was cut from: kept with the item, in its field `extra.dsv.tile`. */
export interface TileOrigin {
  /** The id of the whole item. */
  readonly id: string
  /** The path of the whole image. */
  readonly path: string
  /** The number of the tile, from 0, and how many there were. */
  readonly number: number
  readonly count: number
  /** The pixel of the whole image that is the first of the tile. */
  readonly x: number
  readonly y: number
  /** The size of the whole image. */
  readonly width: number
  readonly height: number
}

type JsonObject = Readonly<Record<string, Json>>

/** Returns the item that remembers where it was cut from; what it remembered before is kept inside. */
export function withTileOrigin(item: AnnotatedItem, origin: TileOrigin): AnnotatedItem {
  const own = objectOf(item.extra?.['dsv'])
  const tile = { ...origin, ...(own['tile'] !== undefined && { whole: own['tile'] }) }
  return { ...item, extra: { ...item.extra, dsv: { ...own, tile } } }
}

/** Returns where an item was cut from; undefined when it does not say, or says what cannot be. */
export function tileOriginOf(item: AnnotatedItem): TileOrigin | undefined {
  const { id, path, number, count, x, y, width, height } = objectOf(
    objectOf(item.extra?.['dsv'])['tile'],
  )
  if (typeof id !== 'string' || id === '' || typeof path !== 'string') return undefined
  const numbers = [number, count, x, y, width, height].filter(isCount)
  const [first = 0, all = 0, left = 0, top = 0, across = 0, down = 0] = numbers
  if (numbers.length !== 6 || first >= all || left >= across || top >= down) return undefined
  return { id, path, number: first, count: all, x: left, y: top, width: across, height: down }
}

/** Returns the item as it was before it was a tile. */
export function withoutTileOrigin(item: AnnotatedItem): AnnotatedItem {
  const { dsv, ...others } = item.extra ?? {}
  const { tile, ...own } = objectOf(dsv)
  const whole = objectOf(tile)['whole']
  const kept = { ...own, ...(whole !== undefined && { tile: whole }) }
  const extra = { ...others, ...(Object.keys(kept).length > 0 && { dsv: kept }) }
  const { extra: _extra, ...rest } = item
  return Object.keys(extra).length > 0 ? { ...rest, extra } : rest
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
