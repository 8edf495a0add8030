import type { Detection, Folder } from '@dsv/core'

const HEAD_BYTES = 16 * 1024
const FILES_TO_TRY = 5

/** Tells whether the first JSON files say one image and its masks, by how they begin. */
export async function detectSegmentAnything(folder: Folder): Promise<Detection> {
  const paths = (await folder.list()).filter((path) => path.toLowerCase().endsWith('.json'))
  for (const path of paths.slice(0, FILES_TO_TRY)) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
      const isImage = /^\s*\{\s*"(?:image"\s*:\s*\{|annotations"\s*:\s*\[)/u.test(head)
      const hasMasks = /"(?:predicted_iou|stability_score|point_coords|crop_box)"\s*:/u.test(head)
      if (isImage && hasMasks) return { confidence: 0.95, reason: `${path} says masks of an image` }
      const isWhole =
        /^\s*\{\s*"image"\s*:\s*\{[^{}]*"image_id"[^{}]*\}\s*,\s*"annotations"\s*:\s*\[/u
      if (isWhole.test(head)) return { confidence: 0.92, reason: `${path} says one image` }
    } finally {
      await file.close()
    }
  }
  return { confidence: 0, reason: 'no JSON file with one image and its masks' }
}
