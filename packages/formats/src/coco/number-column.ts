/** Numbers that are added one by one, eight bytes each. */
export interface NumberColumn {
  push(value: number): void
  /** All of them, in one piece. */
  joined(): Float64Array
}

const MIN_BLOCK = 2 ** 10
const MAX_BLOCK = 2 ** 16

/** Makes an empty column. It grows by blocks, so that no moment holds it twice as a growing array does. */
export function numberColumn(): NumberColumn {
  const full: Float64Array[] = []
  let block = new Float64Array(MIN_BLOCK)
  let used = 0
  return {
    push: (value) => {
      if (used === block.length) {
        full.push(block)
        block = new Float64Array(Math.min(MAX_BLOCK, 2 * block.length))
        used = 0
      }
      block[used] = value
      used += 1
    },
    joined: () => {
      const all = new Float64Array(full.reduce((sum, { length }) => sum + length, used))
      let at = 0
      for (const each of full) {
        all.set(each, at)
        at += each.length
      }
      all.set(block.subarray(0, used), at)
      return all
    },
  }
}
