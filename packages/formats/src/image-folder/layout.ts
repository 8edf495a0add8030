import type { Json } from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import type { FolderStyle } from '../shared/write-class-folders.ts'

/** Returns the style of folders that an earlier read or write remembered; undefined for others. */
export function styleFromJson(layout: Json): FolderStyle | undefined {
  if (!isObject(layout)) return undefined
  const { variant, hasSubsets } = layout
  if (variant !== 'plain' && variant !== 'classes') return undefined
  return { variant, hasSubsets: hasSubsets === true }
}
