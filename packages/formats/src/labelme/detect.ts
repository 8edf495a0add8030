import type { Detection, Folder } from '@dsv/core'
import { findJsonFiles } from '../shared/find-json-files.ts'

/** Of so many JSON files of other formats it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds JSON of labelme: by the members of its files. */
export async function detectLabelme(folder: Folder): Promise<Detection> {
  const [first] = await findJsonFiles(folder, { test: isLabelme, maxOthers: MAX_OTHERS })
  return first === undefined
    ? { confidence: 0, reason: 'no JSON file of an image with shapes' }
    : { confidence: 0.9, reason: `${first} holds an image with shapes` }
}

/** The path of the image may come behind so many shapes that it is not seen. */
function isLabelme(head: string): boolean {
  if (!/^[^[{]*\{/u.test(head) || !/"shapes"\s*:\s*\[/u.test(head)) return false
  return /"(?:imagePath|imageData|shape_type|lineColor)"\s*:/u.test(head)
}
