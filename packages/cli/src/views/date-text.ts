import type { DateTime } from '@dsv/core'

/** Returns a moment on the clock that it was read from: `2026-01-31 12:00:00 +0200`. */
export function dateText({ seconds, offsetMinutes }: DateTime): string {
  const local = new Date((seconds + offsetMinutes * 60) * 1000).toISOString()
  const sign = offsetMinutes < 0 ? '-' : '+'
  const minutes = Math.abs(offsetMinutes)
  const zone = `${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${sign}${zone}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
