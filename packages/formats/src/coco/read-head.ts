import type { Folder } from '@dsv/core'

/** What the ends of a JSON file say it is. */
export type CocoHead = 'coco' | 'results' | undefined

const LOOK_BYTES = 16_384

/** Looks at the first and last bytes of a JSON file. */
export async function readHead(folder: Folder, path: string): Promise<CocoHead> {
  const file = await folder.open(path)
  try {
    const first = Buffer.from(await file.read(0, LOOK_BYTES)).toString('latin1')
    const text = first.replace(/^\u00ef\u00bb\u00bf/, '')
    if (/^\s*\[\s*\{/.test(text)) return looksLikeResult(text) ? 'results' : undefined
    if (!/^\s*\{/.test(text)) return undefined
    const last = Buffer.from(
      await file.read(Math.max(0, file.sizeBytes - LOOK_BYTES), LOOK_BYTES),
    ).toString('latin1')
    return looksLikeDataset(text, last) ? 'coco' : undefined
  } finally {
    await file.close()
  }
}

function looksLikeResult(text: string): boolean {
  return (
    /"image_id"\s*:/.test(text) && /"(?:category_id|caption|score|segments_info)"\s*:/.test(text)
  )
}

/** Datumaro's own JSON has `items`; labelme's has `shapes`. */
function looksLikeDataset(first: string, last: string): boolean {
  const both = `${first}\n${last}`
  if (/"(?:items|shapes)"\s*:\s*\[/.test(both)) return false
  const has = (key: string): boolean => new RegExp(`"${key}"\\s*:\\s*\\[`).test(both)
  const isRecord = /"(?:image_id|file_name)"\s*:/.test(both)
  return (
    (has('images') && (has('annotations') || has('categories') || isRecord)) ||
    (has('annotations') && (/"image_id"\s*:/.test(both) || has('categories')))
  )
}
