import type { Folder } from '@dsv/core'
import { encodingProblem } from '../shared/text-reader.ts'

const HEAD_BYTES = 64 * 1024
/** Folders may be full of JSON files of another format. */
const MAX_OTHERS = 50

/** Finds the files of tasks in a folder: JSON whose tasks have data, and annotations or predictions. */
export async function findTaskFiles(
  folder: Folder,
  maxOthers: number = MAX_OTHERS,
): Promise<readonly string[]> {
  const found: string[] = []
  let others = 0
  for (const path of await folder.list()) {
    if (!path.toLowerCase().endsWith('.json')) continue
    if (await isTaskFile(folder, path)) found.push(path)
    else others += 1
    if (others >= maxOthers) break
  }
  return found
}

async function isTaskFile(folder: Folder, path: string): Promise<boolean> {
  const file = await folder.open(path)
  try {
    const bytes = await file.read(0, HEAD_BYTES)
    if (encodingProblem(bytes) !== undefined) return false
    const head = Buffer.from(bytes).toString('latin1')
    const hasData = /"data"\s*:\s*\{/u.test(head)
    return hasData && /"(?:annotations|predictions|completions)"\s*:\s*\[/u.test(head)
  } finally {
    await file.close()
  }
}
