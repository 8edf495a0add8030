import type { Detection, Folder } from '@dsv/core'
import { findKineticsLists } from './find-lists.ts'

/** Tells whether there is a list of clips, by its columns or by how its JSON begins. */
export async function detectKinetics(folder: Folder): Promise<Detection> {
  const [first] = await findKineticsLists(folder)
  if (first !== undefined) return { confidence: 0.95, reason: `${first} lists clips of videos` }
  return { confidence: 0, reason: 'no CSV file with a column youtube_id' }
}
