import { formatSyntax } from '@dsv/core'

/** A larger image would be more than can be read at once. */
const MAX_SIDE = 2 ** 15

/**
 * Returns a height and a width.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function sizeOf(
  [height = '', width = '']: readonly string[],
  place: string,
): { readonly width: number; readonly height: number } {
  const size = { width: Number(width), height: Number(height) }
  const isSide = (side: number): boolean => Number.isInteger(side) && side >= 0 && side <= MAX_SIDE
  if (!isSide(size.width) || !isSide(size.height) || width === '' || height === '') {
    throw formatSyntax(place, `has the height "${height}" and the width "${width}"`)
  }
  return size
}
