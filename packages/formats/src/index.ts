export type { FormatAdapter } from '@dsv/core'
