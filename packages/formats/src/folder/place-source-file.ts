import type { Folder } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, linkSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'

/** Bytes that are copied at a time. */
const PIECE_BYTES = 1 << 20

/** What a file system says that cannot link these two places. */
const CANNOT_LINK = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * Puts a file of a folder at `target`: beside its place first, then renamed. With `link` it is a hard
 * link where the file system can, else a copy that shares its bytes where that is possible.
 *
 * @param root - Where the folder lies on disk; undefined for an archive
 * @throws `DSV_FILE_NOT_FOUND`
 */
export async function placeSourceFile(
  folder: Folder,
  root: string | undefined,
  source: string,
  target: string,
  { link }: { readonly link: boolean },
): Promise<void> {
  const temporary = path.join(path.dirname(target), `.dsv-tmp-${randomUUID()}`)
  try {
    const file = root === undefined ? undefined : path.join(root, source)
    // A link is opened through the folder, which knows whether it leads out.
    if (file === undefined || !isPlainFile(file)) await copyStream(folder, source, temporary)
    else if (!link || !hardLink(file, temporary))
      copyFileSync(file, temporary, constants.COPYFILE_FICLONE)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function isPlainFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true
}

function hardLink(file: string, target: string): boolean {
  try {
    linkSync(file, target)
    return true
  } catch (error) {
    if (CANNOT_LINK.has(systemErrorCode(error) ?? '')) return false
    throw error
  }
}

async function copyStream(folder: Folder, source: string, target: string): Promise<void> {
  const from = await folder.open(source)
  try {
    const to = await open(target, 'wx')
    try {
      for (let at = 0; at < from.sizeBytes; at += PIECE_BYTES)
        await to.writeFile(await from.read(at, Math.min(PIECE_BYTES, from.sizeBytes - at)))
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}
