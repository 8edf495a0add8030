import type { Folder } from '@dsv/core'
import type { DatumaroFile } from '../shared/read-datumaro-item.ts'
import { encodingProblem } from '../shared/text-reader.ts'

const HEAD_BYTES = 64 * 1024
/** Folders may be full of JSON files of another format. */
const MAX_OTHERS = 50

/** Finds the annotation files of a dataset: those in `annotations/`, or any when there are none. */
export async function findDatumaroFiles(
  folder: Folder,
  maxOthers: number = MAX_OTHERS,
): Promise<readonly DatumaroFile[]> {
  const all = (await folder.list()).filter((path) => path.toLowerCase().endsWith('.json'))
  const usual = all.filter((path) => /(?:^|\/)annotations\//u.test(path))
  const first = await filter(folder, usual, maxOthers)
  const paths = first.length > 0 ? first : await filter(folder, all, maxOthers)
  return paths.map(fileOf)
}

async function filter(
  folder: Folder,
  paths: readonly string[],
  maxOthers: number,
): Promise<readonly string[]> {
  const found: string[] = []
  let others = 0
  for (const path of paths) {
    if (await isDatumaroFile(folder, path)) found.push(path)
    else others += 1
    if (others >= maxOthers) break
  }
  return found
}

function fileOf(path: string): DatumaroFile {
  const [, root = '', subset] = /^((?:.*?\/)??)annotations\/(.+)\.json$/iu.exec(path) ?? []
  if (subset !== undefined) return { path, root, subset }
  const start = path.lastIndexOf('/') + 1
  return { path, root: path.slice(0, start), subset: path.slice(start, -'.json'.length) }
}

async function isDatumaroFile(folder: Folder, path: string): Promise<boolean> {
  const file = await folder.open(path)
  try {
    const bytes = await file.read(0, HEAD_BYTES)
    if (encodingProblem(bytes) !== undefined) return false
    const head = Buffer.from(bytes).toString('latin1')
    if (/"dm_format_version"\s*:/u.test(head)) return true
    const hasCategories = /"categories"\s*:\s*\{/u.test(head)
    return hasCategories && /"(?:items"\s*:\s*\[|infos"\s*:\s*\{|label"\s*:\s*\{)/u.test(head)
  } finally {
    await file.close()
  }
}
