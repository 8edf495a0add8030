/**
 * Undoes PNG's row filters in place. `rows` holds one filter byte and `bytesPerRow` bytes for each row.
 *
 * Returns the number of the first row whose filter is not 0…4, or undefined when all are known.
 *
 * @see https://www.w3.org/TR/png-3/#9Filters
 */
export function unfilterRows(
  rows: Uint8Array,
  bytesPerRow: number,
  bytesPerPixel: number,
): number | undefined {
  const stride = bytesPerRow + 1
  let above: Uint8Array = new Uint8Array(bytesPerRow)
  for (let start = 0; start < rows.length; start += stride) {
    const filter = rows[start] ?? 0
    const row = rows.subarray(start + 1, start + stride)
    if (filter > 4) return start / stride
    if (filter === 1) undoSub(row, bytesPerPixel)
    else if (filter === 2) undoUp(row, above)
    else if (filter === 3) undoAverage(row, above, bytesPerPixel)
    else if (filter === 4) undoPaeth(row, above, bytesPerPixel)
    above = row
  }
  return undefined
}

function undoSub(row: Uint8Array, bytesPerPixel: number): void {
  for (let at = bytesPerPixel; at < row.length; at++) {
    row[at] = (row[at] ?? 0) + (row[at - bytesPerPixel] ?? 0)
  }
}

function undoUp(row: Uint8Array, above: Uint8Array): void {
  for (let at = 0; at < row.length; at++) row[at] = (row[at] ?? 0) + (above[at] ?? 0)
}

function undoAverage(row: Uint8Array, above: Uint8Array, bytesPerPixel: number): void {
  for (let at = 0; at < row.length; at++) {
    const left = at < bytesPerPixel ? 0 : (row[at - bytesPerPixel] ?? 0)
    row[at] = (row[at] ?? 0) + ((left + (above[at] ?? 0)) >> 1)
  }
}

function undoPaeth(row: Uint8Array, above: Uint8Array, bytesPerPixel: number): void {
  for (let at = 0; at < row.length; at++) {
    const left = at < bytesPerPixel ? 0 : (row[at - bytesPerPixel] ?? 0)
    const up = above[at] ?? 0
    const corner = at < bytesPerPixel ? 0 : (above[at - bytesPerPixel] ?? 0)
    const toLeft = Math.abs(up - corner)
    const toUp = Math.abs(left - corner)
    const toCorner = Math.abs(left + up - 2 * corner)
    const nearest = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
    row[at] = (row[at] ?? 0) + nearest
  }
}
