import type { Detection, Folder } from '@dsv/core'

const HEAD_BYTES = 16 * 1024
/** Of so many XML files of other formats it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds XML of LabelMe: by polygons, masks and sizes in its files. */
export async function detectLabelmeXml(folder: Folder): Promise<Detection> {
  let others = 0
  for (const path of await folder.list()) {
    if (!path.toLowerCase().endsWith('.xml')) continue
    if (isLabelme(await headOf(folder, path))) {
      // Surer than Pascal VOC, whose root element is the same.
      return {
        confidence: 0.98,
        reason: `${path} has objects with polygons, as LabelMe writes them`,
      }
    }
    others += 1
    if (others >= MAX_OTHERS) break
  }
  return { confidence: 0, reason: 'no XML file with an <annotation> of polygons or <imagesize>' }
}

/** Pascal VOC has an `annotation` too, but neither of the others. */
function isLabelme(head: string): boolean {
  if (!/<annotation[\s>]/u.test(head)) return false
  return /<(?:imagesize|sourceAnnotation|segm)[\s/>]|<pt>\s*<x>/u.test(head)
}

async function headOf(folder: Folder, path: string): Promise<string> {
  const file = await folder.open(path)
  try {
    return Buffer.from(await file.read(0, HEAD_BYTES))
      .toString('latin1')
      .replaceAll('\0', '')
  } finally {
    await file.close()
  }
}
