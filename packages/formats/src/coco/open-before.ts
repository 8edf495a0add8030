import type { Folder } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import type { CocoIndex } from './index-file.ts'
import { type OpenCoco, openCoco } from './read.ts'

/** Stored folders never change, and the one that is edited is read again after the edit. */
const opened = new WeakMap<Folder, OpenCoco>()

/** Returns what was found in the files before, when they were opened already. */
export function alreadyOpen(folder: Folder): OpenCoco | undefined {
  return opened.get(folder)
}

/**
 * Locates the records of the files before an edit; undefined when there are some that cannot be read.
 *
 * @param known - Indexes of files that are as they were, by path
 */
export async function openBefore(
  folder: Folder,
  signal: AbortSignal,
  known: ReadonlyMap<string, CocoIndex> = new Map(),
): Promise<OpenCoco | undefined> {
  const before = opened.get(folder)
  if (before !== undefined) return before
  try {
    const found = await openCoco(
      folder,
      {
        signal,
        onLoss: () => {},
        onError: 'fail',
        onProblem: () => {},
        probe: async () => undefined,
      },
      known,
    )
    opened.set(folder, found)
    return found
  } catch (error) {
    if (isDsvError(error, 'DSV_FORMAT_SYNTAX')) return undefined
    throw error
  }
}
