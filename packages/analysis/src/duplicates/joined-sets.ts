/** Sets of numbers that grow by joining. */
export interface JoinedSets {
  /** Makes one set of those that hold `a` and `b`. */
  readonly join: (a: number, b: number) => void
  /** Returns, for each number, the smallest number of its set. */
  readonly firsts: () => Uint32Array
}

/** Returns the sets `{0}` … `{size − 1}`: four bytes a number. */
export function joinedSets(size: number): JoinedSets {
  const parents = Uint32Array.from({ length: size }, (_, index) => index)
  const firstOf = (member: number): number => {
    let at = member
    for (;;) {
      const parent = parents[at] ?? at
      if (parent === at) return at
      const above = parents[parent] ?? parent
      parents[at] = above
      at = above
    }
  }
  return {
    join: (a, b) => {
      const [first, second] = [firstOf(a), firstOf(b)]
      if (first < second) parents[second] = first
      else parents[first] = second
    },
    firsts: () => Uint32Array.from({ length: size }, (_, index) => firstOf(index)),
  }
}
