import type { Detection, Folder } from '@dsv/core'
import { LABEL_COLORS } from '../shared/label-colors-file.ts'
import { findCamvidFiles } from './find-files.ts'

/** Looks for lists of images and masks, or for lists of images beside `label_colors.txt`. */
export async function detectCamvid(folder: Folder): Promise<Detection> {
  const files = await findCamvidFiles(folder)
  if (files === undefined) return { confidence: 0, reason: 'no text file lists images and masks' }
  if (files.evidence !== undefined) return { confidence: 0.85, reason: files.evidence }
  const [first] = files.lists
  if (first === undefined) return { confidence: 0.1, reason: `${files.labels} exists, but no list` }
  return files.labels?.endsWith(LABEL_COLORS) === true
    ? { confidence: 0.6, reason: `${first} lists images, and ${files.labels} exists` }
    : { confidence: 0.1, reason: `${first} lists images, but no masks that are there` }
}
