import type { Format } from '@dsv/core'

/** Mapillary Vistas: objects, panoptic segments and polygons of streets. It is only read. */
export const mapillaryVistasFormat: Format = {
  name: 'mapillary-vistas',
  title: 'Mapillary Vistas (1.2, 2.0)',
  source: new URL('https://www.mapillary.com/dataset/vistas'),
  holds: new Set(['mask', 'panoptic-segment', 'polygon']),
  canWrite: false,
  variants: [],
}
