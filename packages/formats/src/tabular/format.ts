import type { Format } from '@dsv/core'

/** Tables whose rows are data. */
export const tabularFormat: Format = {
  name: 'tabular',
  title: 'CSV tables whose rows are items',
  source: new URL('https://www.rfc-editor.org/rfc/rfc4180'),
  holds: new Set(['tabular']),
  variants: [],
  takesMap: true,
}
