import type { Detection, Folder } from '@dsv/core'
import { findCocoFiles } from './find-files.ts'

/** Says how sure it is that a folder holds COCO JSON. */
export async function detectCoco(folder: Folder): Promise<Detection> {
  const files = await findCocoFiles(folder)
  const datasets = files.filter(({ task }) => task !== 'results')
  const [first] = datasets
  if (first === undefined) {
    const reason = files.length > 0 ? 'only results, no file with images' : noFile(folder)
    return { confidence: 0, reason: await reason }
  }
  const isNamed = /(?:^|\/)annotations\/|_annotations\.coco\.json$|^labels\.json$/.test(first.path)
  const others = datasets.length > 1 ? ` and ${datasets.length - 1} more` : ''
  return {
    confidence: isNamed ? 0.95 : 0.85,
    reason: `${first.path}${others} with \`images\` and \`annotations\``,
  }
}

async function noFile(folder: Folder): Promise<string> {
  const hasJson = (await folder.list()).some((path) => path.toLowerCase().endsWith('.json'))
  return hasJson ? 'no JSON file has `images` and `annotations`' : 'no JSON file'
}
