import type { Format } from '@dsv/core'

/** The JSON that Apple's Create ML learns object detectors from. */
export const createMlFormat: Format = {
  name: 'create-ml',
  title: 'Create ML JSON',
  source: new URL(
    'https://developer.apple.com/documentation/createml/building-an-object-detector-data-source',
  ),
  holds: new Set(['label', 'box']),
  variants: [],
}
