import { type BigIntStats, lstatSync } from 'node:fs'
import { systemErrorCode } from '@dsv/store'

const OPTIONS = { bigint: true, throwIfNoEntry: false } as const

/**
 * Returns the stat of what is at `inside`, relative to `root`; undefined when nothing is or can be
 * there. A link at its end is not followed, links above it are.
 */
export function statPath(root: string, inside: string): BigIntStats | undefined {
  // A final slash would follow a link.
  const bare = inside.endsWith('/') ? inside.slice(0, -1) : inside
  try {
    // Not joined with `path`: this runs for every file of the working tree.
    return lstatSync(`${root}/${bare}`, OPTIONS)
  } catch (error) {
    if (isNowhere(error)) return undefined
    throw error
  }
}

/** Returns whether a system call failed because nothing can be where it looked. */
export function isNowhere(error: unknown): boolean {
  const code = systemErrorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG'
}
