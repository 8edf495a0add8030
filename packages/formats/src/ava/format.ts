import type { Format } from '@dsv/core'

/** AVA Actions: boxes of people on frames of videos, and what the people do. */
export const avaFormat: Format = {
  name: 'ava',
  title: 'AVA Actions (atomic visual actions)',
  source: new URL('https://research.google.com/ava/download.html'),
  holds: new Set(['box']),
  variants: [],
}
