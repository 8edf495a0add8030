import type { Format } from '@dsv/core'

/** The CSV that the Visual Object Tagging Tool exports. */
export const vottCsvFormat: Format = {
  name: 'vott-csv',
  title: 'VoTT CSV',
  source: new URL('https://github.com/microsoft/VoTT/blob/master/src/providers/export/csv.ts'),
  holds: new Set(['box']),
  variants: [],
}
