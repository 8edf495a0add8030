import type { Folder } from '@dsv/core'

const HEAD_BYTES = 4096
/** Folders may be full of XML files of another format. */
const MAX_OTHERS = 200

/** Finds the CVAT files of a folder by their root element, `annotations.xml` first. */
export async function findCvatFiles(
  folder: Folder,
  maxOthers: number = MAX_OTHERS,
): Promise<readonly string[]> {
  const found: string[] = []
  let others = 0
  for (const path of likelyFirst(await folder.list())) {
    if (await isCvatFile(folder, path)) found.push(path)
    else others += 1
    if (others >= maxOthers) break
  }
  return found.toSorted()
}

function likelyFirst(paths: readonly string[]): readonly string[] {
  const all = paths.filter((path) => path.toLowerCase().endsWith('.xml'))
  const isUsual = (path: string): boolean => /(?:^|\/)annotations?\.xml$/iu.test(path)
  return [...all.filter(isUsual), ...all.filter((path) => !isUsual(path))]
}

async function isCvatFile(folder: Folder, path: string): Promise<boolean> {
  const file = await folder.open(path)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
    return /^<annotations[\s>]/u.test(afterProlog(head))
  } finally {
    await file.close()
  }
}

/** What follows the declaration and the comments that a file begins with. */
function afterProlog(head: string): string {
  let start = Math.max(0, head.indexOf('<'))
  for (;;) {
    const end = head.startsWith('<?', start)
      ? head.indexOf('?>', start)
      : head.startsWith('<!--', start)
        ? head.indexOf('-->', start)
        : -1
    const next = end === -1 ? -1 : head.indexOf('<', end + 2)
    if (next === -1) return head.slice(start)
    start = next
  }
}
