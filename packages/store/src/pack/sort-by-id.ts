/**
 * Returns the numbers of the fixed-size records in `records` in the order of the ids that each begins
 * with, bytewise. Equal ids keep their order.
 *
 * @param stride bytes of a record
 * @param idBytes how many bytes of it are compared, at least 6
 */
export function sortById(
  records: Buffer,
  stride: number,
  count: number,
  idBytes: number,
): Uint32Array {
  // Comparing six bytes as one number settles nearly all pairs ten times faster than the bytes.
  const heads = new Float64Array(count)
  const order = new Uint32Array(count)
  for (let index = 0; index < count; index += 1) {
    heads[index] = records.readUIntBE(index * stride, 6)
    order[index] = index
  }
  // A copy would double the memory of a large index.
  // oxlint-disable-next-line unicorn/no-array-sort
  return order.sort((a, b) => {
    const head = (heads[a] ?? 0) - (heads[b] ?? 0)
    if (head !== 0) return head
    const [atA, atB] = [a * stride, b * stride]
    const rest = records.compare(records, atB, atB + idBytes, atA, atA + idBytes)
    return rest === 0 ? a - b : rest
  })
}
