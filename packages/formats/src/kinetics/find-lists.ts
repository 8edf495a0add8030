import type { Folder } from '@dsv/core'
import { extensionOf, withoutExtension } from '../media/media-kind.ts'
import { tableColumns } from '../shared/table-head.ts'

const HEAD_BYTES = 4096
const MAX_OTHERS = 50

/** Finds lists of clips, CSV or JSON; where both say the same, the CSV. */
export async function findKineticsLists(folder: Folder): Promise<readonly string[]> {
  const lists: string[] = []
  let others = 0
  for (const path of await folder.list()) {
    const extension = extensionOf(path)
    if (extension !== 'csv' && extension !== 'json') continue
    if (await isList(folder, path, extension)) lists.push(path)
    else others += 1
    if (others >= MAX_OTHERS) break
  }
  const tables = new Set(lists.filter((path) => path.endsWith('csv')).map(withoutExtension))
  return lists.filter((path) => path.endsWith('csv') || !tables.has(withoutExtension(path)))
}

async function isList(folder: Folder, path: string, extension: string): Promise<boolean> {
  if (extension === 'csv') return (await tableColumns(folder, path)).includes('youtube_id')
  const file = await folder.open(path)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
    const isClip = /"url"\s*:\s*"[^"]*youtu/u.test(head) && /"subset"\s*:/u.test(head)
    return isClip && /^\s*\{\s*"[^"]*"\s*:\s*\{/u.test(head)
  } finally {
    await file.close()
  }
}
