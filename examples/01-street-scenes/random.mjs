/** Returns a generator of numbers from 0 to 1 (mulberry32): the same seed gives the same numbers. */
export function randomNumbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Returns functions that draw from `random`. */
export function dice(random) {
  const between = (low, high) => low + (high - low) * random()
  const whole = (low, high) => Math.floor(between(low, high + 1))
  return { between, whole, pick: (list) => list[whole(0, list.length - 1)] }
}
