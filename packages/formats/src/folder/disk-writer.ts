import { mkdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { type Media, type WritableFolder, writeByRename } from '@dsv/core'
import { pathUnsafe } from '../errors.ts'
import { safePath } from './safe-path.ts'

/** How a folder on disk is written. */
export interface DiskWriterOptions {
  /** Puts the bytes of `media` at `file`, an absolute path; default: media are not exported. */
  readonly placeMedia?: (file: string, media: Media) => Promise<void>
}

/**
 * Returns the writing side of the folder at `root`, which is made when the first file is written.
 *
 * Each file is written beside its place and renamed, so nobody reads half of one. Paths that would
 * leave the root, also through a symbolic link, are refused with `DSV_PATH_UNSAFE`.
 */
export function diskWriter(root: string, options: DiskWriterOptions = {}): WritableFolder {
  const made = new Map<string, Promise<void>>()
  const prepare = async (name: string): Promise<string> => {
    const file = path.join(path.resolve(root), safePath(name))
    const folder = path.dirname(file)
    let ready = made.get(folder)
    if (ready === undefined) made.set(folder, (ready = makeFolder(root, folder, name)))
    await ready
    return file
  }
  return {
    write: async (name, bytes) => writeByRename(await prepare(name), bytes),
    placeMedia: async (name, media) => {
      if (options.placeMedia === undefined) return
      await options.placeMedia(await prepare(name), media)
    },
  }
}

async function makeFolder(root: string, folder: string, name: string): Promise<void> {
  await mkdir(root, { recursive: true })
  const top = await realpath(root)
  let current = top
  for (const segment of path.relative(path.resolve(root), folder).split(path.sep)) {
    if (segment === '') continue
    current = path.join(current, segment)
    // One level at a time: a recursive mkdir would follow a link out of the root.
    await mkdir(current).catch(ignoreExisting)
    current = await realpath(current)
    if (!current.startsWith(top + path.sep)) throw pathUnsafe(name, 'leaves its folder by a link')
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
