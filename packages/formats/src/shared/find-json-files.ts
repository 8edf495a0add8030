import type { Folder } from '@dsv/core'
import { encodingProblem } from './text-reader.ts'

const HEAD_BYTES = 64 * 1024

/** Which JSON files are looked for. */
export interface JsonSearch {
  /** Whether a file is one of the format, by how it begins (as Latin-1) and by its path. */
  readonly test: (head: string, path: string) => boolean
  /** Of so many JSON files of other formats it is enough: folders may be full of them. Default 50. */
  readonly maxOthers?: number
  /** Ends of paths, in lower case; default `.json`. */
  readonly suffixes?: readonly string[]
}

/** Finds the JSON files of a format by how they begin, in the order of their paths. */
export async function findJsonFiles(
  folder: Folder,
  { test, maxOthers = 50, suffixes = ['.json'] }: JsonSearch,
): Promise<readonly string[]> {
  const found: string[] = []
  let others = 0
  for (const path of await folder.list()) {
    const lower = path.toLowerCase()
    if (!suffixes.some((suffix) => lower.endsWith(suffix))) continue
    const head = await headOf(folder, path)
    if (head !== undefined && test(head, path)) found.push(path)
    else others += 1
    if (others >= maxOthers) break
  }
  return found
}

async function headOf(folder: Folder, path: string): Promise<string | undefined> {
  const file = await folder.open(path)
  try {
    const bytes = await file.read(0, HEAD_BYTES)
    return encodingProblem(bytes) === undefined ? Buffer.from(bytes).toString('latin1') : undefined
  } finally {
    await file.close()
  }
}
