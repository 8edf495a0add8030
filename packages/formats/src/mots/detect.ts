import type { Detection, Folder } from '@dsv/core'
import { findMotsRoots } from './find-files.ts'

/** Where the header of a PNG says bits and colours of a pixel. */
const BIT_DEPTH_AT = 24
const HEAD_BYTES = 26

/** Tells whether a folder holds MOTS, by 16-bit images in a folder `instances`. */
export async function detectMots(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const [first] = findMotsRoots(paths)
  if (first === undefined) return { confidence: 0, reason: 'no instances/*.png' }
  const place = `${first.root}instances/`
  const png = paths.find((path) => path.startsWith(place) && path.endsWith('.png'))
  if (png === undefined) return { confidence: 0.6, reason: `${place}labels.txt exists` }
  const others = [`${first.root}labels/`, `${first.root}panoptic/`]
  const other = paths.find((path) => others.some((below) => path.startsWith(below)))
  const file = await folder.open(png)
  try {
    const head = await file.read(0, HEAD_BYTES)
    const isGrey16 = head[BIT_DEPTH_AT] === 16 && head[BIT_DEPTH_AT + 1] === 0
    if (!isGrey16) return { confidence: 0.2, reason: `${png} is not of 16 bits` }
    if (other !== undefined) return { confidence: 0.3, reason: `${png}, but there is ${other} too` }
    return { confidence: 0.9, reason: `${png} is of 16 bits` }
  } finally {
    await file.close()
  }
}
