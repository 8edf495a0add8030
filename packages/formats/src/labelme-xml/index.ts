import type { FormatAdapter } from '@dsv/core'
import { detectLabelmeXml } from './detect.ts'
import { labelmeXmlFormat } from './format.ts'
import { readLabelmeXml } from './read.ts'
import { writeLabelmeXml } from './write.ts'

/** Reads and writes the XML of LabelMe. */
export const labelmeXmlAdapter: FormatAdapter = {
  format: labelmeXmlFormat,
  detect: detectLabelmeXml,
  read: readLabelmeXml,
  write: writeLabelmeXml,
}
