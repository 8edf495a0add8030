import type { FormatAdapter } from '@dsv/core'
import { detectMarket1501 } from './detect.ts'
import { market1501Format } from './format.ts'
import { readMarket1501 } from './read.ts'
import { writeMarket1501 } from './write.ts'

/** Reads and writes images of people whose names say who, where and when. */
export const market1501Adapter: FormatAdapter = {
  format: market1501Format,
  detect: detectMarket1501,
  read: readMarket1501,
  write: writeMarket1501,
}
