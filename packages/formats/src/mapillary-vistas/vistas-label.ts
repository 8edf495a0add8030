import type { Json } from '@dsv/core'
import type { ColoredLabel } from '../shared/label-colors.ts'

/** A class of Mapillary Vistas; its number is its place. */
export interface VistasLabel extends ColoredLabel {
  /** Whether each object has a number of its own. */
  readonly hasInstances?: boolean
  /** Other members of the configuration: `readable`, `evaluate`. */
  readonly extra?: Json
}
