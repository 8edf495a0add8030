import type { Detection, Folder } from '@dsv/core'
import { parseColumnMap } from './column-map.ts'
import { findTables } from './find-tables.ts'

const MAX_FILES = 20

/**
 * Tells whether a folder holds tables of images, by their first rows. Such tables stand beside many
 * formats, so it is never quite sure, unless a map says what they mean.
 */
export async function detectCsv(folder: Folder, map?: string): Promise<Detection> {
  const wanted = map === undefined ? undefined : parseColumnMap(map)
  const [first] = await findTables(folder, wanted, MAX_FILES)
  if (first === undefined) {
    const reason = wanted === undefined ? 'no table of images' : 'no table with these columns'
    return { confidence: 0, reason }
  }
  if (wanted !== undefined) return { confidence: 0.9, reason: `${first.path} has these columns` }
  const confidence = first.path.endsWith('.txt') ? 0.3 : 0.55
  return { confidence, reason: `${first.path} is a table of images` }
}
