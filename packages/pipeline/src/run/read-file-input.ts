import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { copyFile, constants } from 'node:fs/promises'
import path from 'node:path'
import { recognizePart, type Repository, storeFolder } from '@dsv/core'
import { diskWriter, isVideoPath, openFolder } from '@dsv/formats'
import type { ObjectId, WriteSession } from '@dsv/store'
import type { PipelineInput } from '../steps/pipeline-step.ts'

/**
 * Reads a single file as a dataset: what a zip file holds, in any format, or the frames of a video. The files in it are
 * stored, so that the result of a step can have the media.
 *
 * @returns The dataset; undefined where the file is neither, or holds none or several
 * @throws `DSV_ARCHIVE_INVALID`, and what reading a dataset throws
 */
export async function readFileInput(
  repository: Repository,
  session: WriteSession,
  { path: name, place }: Pick<PipelineInput, 'path' | 'place'>,
): Promise<ObjectId | undefined> {
  const isVideo = isVideoPath(name)
  if (!isVideo && !name.toLowerCase().endsWith('.zip')) return undefined
  const { temporaryFolder } = repository
  mkdirSync(temporaryFolder, { recursive: true })
  const folder = mkdtempSync(path.join(temporaryFolder, 'input-'))
  try {
    if (isVideo) {
      const copy = path.join(folder, path.posix.basename(name))
      await copyFile(place, copy, constants.COPYFILE_FICLONE)
    } else await unpack(place, folder)
    const files = await storeFolder(repository, session, folder, name)
    const { datasets } = await recognizePart(repository, session, files, {
      name,
      ...(isVideo && { format: 'video' }),
    })
    // It need not begin at the top.
    const [only] = datasets.values()
    return datasets.size === 1 ? only : undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function unpack(archive: string, folder: string): Promise<void> {
  const zip = await openFolder(archive)
  try {
    const target = diskWriter(folder)
    for (const file of await zip.list()) await target.write(file, await zip.read(file))
  } finally {
    await zip.close()
  }
}
