import type { Detection, Folder } from '@dsv/core'
import { placeOf } from './voc-files.ts'
import { findLayout, MASK_FOLDERS } from './voc-layout.ts'

const HEAD_BYTES = 4096

/** Looks for the folders of the development kit, or for an `<annotation>` beside the images. */
export async function detect(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const layout = findLayout(paths)
  if (layout === undefined) {
    return { confidence: 0, reason: 'no Annotations/*.xml, ImageSets or SegmentationClass' }
  }
  const xml = paths.find((path) => placeOf(path, layout)?.role === 'xml')
  if (xml !== undefined) {
    const root = await rootOf(folder, xml)
    return root === 'annotation'
      ? { confidence: 0.9, reason: `${xml} holds an <annotation>` }
      : { confidence: 0, reason: `${xml} holds no <annotation>` }
  }
  const sets = paths.find((path) => path.startsWith(`${layout.root}ImageSets/`))
  const mask = paths.find((path) => path.startsWith(layout.root + MASK_FOLDERS.class))
  if (sets !== undefined) return { confidence: 0.8, reason: `${sets} exists` }
  return mask === undefined
    ? { confidence: 0.2, reason: `${layout.images} exists, but no annotations` }
    : { confidence: layout.hasLabelMap ? 0.8 : 0.6, reason: `${mask} exists` }
}

/** The name of the first element, from the first bytes of a file. */
async function rootOf(folder: Folder, path: string): Promise<string | undefined> {
  const file = await folder.open(path)
  try {
    const bytes = await file.read(0, Math.min(HEAD_BYTES, file.sizeBytes))
    // Enough for UTF-16 as well: the markup is ASCII, its other bytes are zero.
    const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', '')
    return /<([A-Za-z_][\w.:-]*)/u.exec(text.replaceAll(/<[?!][^>]*>/gu, ''))?.[1]
  } finally {
    await file.close()
  }
}
