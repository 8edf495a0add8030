const BYTE_UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB']

/** Returns a number with a comma between thousands. */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',')
}

/** Returns `1 file`, `1,204 files`. The plural adds an s unless it is given. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : plural}`
}

/** Returns a size to two or three digits, in powers of 1,000: `48 MB`, `1.2 GB`. */
export function bytesText(sizeBytes: number): string {
  let value = sizeBytes
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit++
  }
  if (unit === 0) return countOf(sizeBytes, 'byte')
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[unit]}`
}

/** Returns a span of time in whole units: `12 s`, `3 min`, `2 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

/** Returns a number of a shape for people: at most two decimals, none that say nothing. */
export function numberText(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Returns the first `limit` of some names, and how many more there are. */
export function shortList(names: readonly string[], limit = 8): string {
  const shown = names.slice(0, limit).join(', ')
  const more = names.length - limit
  return more > 0 ? `${shown} … and ${countText(more)} more` : shown
}

/** Returns the beginning of an id, as people name it. */
export function shortId(id: string): string {
  return id.slice(0, 10)
}
