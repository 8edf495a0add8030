import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectMapillaryVistas } from './detect.ts'
import { mapillaryVistasFormat } from './format.ts'
import { readMapillaryVistas } from './read.ts'

/** Reads Mapillary Vistas. */
export const mapillaryVistasAdapter: FormatAdapter = {
  format: mapillaryVistasFormat,
  detect: detectMapillaryVistas,
  read: readMapillaryVistas,
  write: async () => {
    throw formatReadOnly(mapillaryVistasFormat.name)
  },
}
