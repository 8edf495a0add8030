import type { BoxNumbers, MaskGeometry } from '@dsv/core'

/**
 * Returns the box around the pixels of a mask, or undefined when it is empty or damaged. The runs are
 * read as they come, so that memory does not grow with the image.
 *
 * Follows `rleToBbox` of https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c
 */
export function maskBounds(
  mask: Pick<MaskGeometry, 'width' | 'height' | 'counts'>,
): BoxNumbers | undefined {
  const { width, height } = mask
  let [left, top, right, bottom] = [width, height, 0, 0]
  let position = 0
  let isForeground = false
  for (const run of runs(mask.counts)) {
    const end = position + run
    if (run < 0 || end > width * height) return undefined
    if (isForeground && run > 0) {
      const firstColumn = Math.floor(position / height)
      const lastColumn = Math.floor((end - 1) / height)
      const isOneColumn = firstColumn === lastColumn
      left = Math.min(left, firstColumn)
      right = Math.max(right, lastColumn + 1)
      top = Math.min(top, isOneColumn ? position % height : 0)
      bottom = Math.max(bottom, isOneColumn ? ((end - 1) % height) + 1 : height)
    }
    position = end
    isForeground = !isForeground
  }
  return right > left ? [left, top, right - left, bottom - top] : undefined
}

/**
 * Reads COCO's compressed counts: five bits a character, from the third run on as differences.
 *
 * @yields lengths of runs, background first
 */
function* runs(counts: string): Generator<number> {
  let [oneBack, twoBack] = [0, 0]
  let index = 0
  for (let position = 0; position < counts.length; index += 1) {
    let value = 0
    let shift = 0
    let bits = 0x20
    while ((bits & 0x20) !== 0 && position < counts.length) {
      bits = counts.charCodeAt(position) - 48
      position += 1
      value += (bits & 0x1f) * 2 ** shift
      shift += 5
    }
    if ((bits & 0x10) !== 0) value -= 2 ** shift
    const run = index > 2 ? value + twoBack : value
    yield run
    twoBack = oneBack
    oneBack = run
  }
}
