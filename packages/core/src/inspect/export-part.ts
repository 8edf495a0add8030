import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { outputNotEmpty, pathUnknown } from '../errors.ts'
import type { FileRecord } from '../record/file-record.ts'
import { fileIn } from '../repository/file-in.ts'
import type { Repository } from '../repository/repository.ts'
import { exportFiles } from './export-files.ts'
import { snapshotAt } from './snapshot-at.ts'
import { withOutput } from './with-output.ts'

/** Which folder or file of a version is written, and where to. */
export interface ExportPartRequest {
  readonly revision: string
  readonly path: string
  /** Absolute path: of a folder that is empty or not there yet; for a file of one that is not there. */
  readonly output: string
}

/**
 * Writes a folder or file of a version as it is; returns the number of files.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_PATH_UNKNOWN`, `DSV_OUTPUT_NOT_EMPTY`, `DSV_OBJECT_CORRUPT`
 */
export async function exportPart(
  repository: Repository,
  { revision, path: inside, output }: ExportPartRequest,
): Promise<number> {
  const { files } = await snapshotAt(repository, revision)
  const found = await fileIn(repository.store.objects, files, inside)
  if (found !== undefined && 'blob' in found) {
    await writeOne(repository, found, output)
    return 1
  }
  const count = await withOutput(output, {}, async () =>
    exportFiles(repository, files, {
      folder: inside,
      output,
      media: 'copy',
      onLoss: () => {},
      strict: false,
    }),
  )
  if (count === 0) throw pathUnknown(inside)
  return count
}

async function writeOne(
  { store }: Repository,
  file: Extract<FileRecord, { readonly blob: unknown }>,
  output: string,
): Promise<void> {
  mkdirSync(path.dirname(output), { recursive: true })
  const mode = file.type === 'executable' ? 0o777 : 0o666
  let descriptor: number
  try {
    descriptor = openSync(output, 'wx', mode)
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') throw outputNotEmpty(output)
    throw error
  }
  try {
    for await (const piece of store.objects.streamBlob(file.blob))
      for (let at = 0; at < piece.length;) at += writeSync(descriptor, piece, at)
  } catch (error) {
    rmSync(output, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}
