import type { Format } from '@dsv/core'

/** The JSON that the Visual Object Tagging Tool exports. */
export const vottJsonFormat: Format = {
  name: 'vott-json',
  title: 'VoTT JSON',
  source: new URL('https://github.com/microsoft/VoTT/blob/master/src/models/applicationState.ts'),
  holds: new Set(['box', 'polygon', 'polyline', 'points']),
  variants: [],
}
