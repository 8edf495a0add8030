import type { ObjectId, ObjectReader } from '@dsv/store'
import { wantedMedia } from '../partial/wanted-media.ts'
import type { Repository } from '../repository/repository.ts'
import type { Disk, FileChange } from './plan-checkout.ts'

/**
 * Takes out of the changes the media that a partial clone does not want: those that are neither on disk
 * nor stored, and that its filter does not choose.
 */
export async function leaveOutMedia(
  repository: Repository,
  reader: ObjectReader,
  all: readonly FileChange[],
  disk: Disk,
  datasets: ReadonlyMap<string, ObjectId>,
): Promise<{ readonly changes: readonly FileChange[]; readonly leftOut: readonly string[] }> {
  let isWanted: Awaited<ReturnType<typeof wantedMedia>> | undefined
  const changes: FileChange[] = []
  const leftOut: string[] = []
  // What is on disk under its old path is written under its new one.
  const onDisk = new Set<string>()
  for (const change of all)
    if (isMedia(change.from) && disk.foundAt(change) === 'from') onDisk.add(change.from.blob)
  for (const change of all) {
    const { path, to } = change
    const isAbsent = isMedia(to) && !onDisk.has(to.blob) && disk.foundAt(change) === 'missing'
    if (!isAbsent || (await reader.has(to.blob))) {
      changes.push(change)
      continue
    }
    isWanted ??= await wantedMedia(repository, reader, datasets)
    if (isWanted(path)) changes.push(change)
    else leftOut.push(path)
  }
  return { changes, leftOut }
}

type MediaFile = Extract<NonNullable<FileChange['to']>, { readonly role: unknown }>

function isMedia(file: FileChange['to']): file is MediaFile {
  return file !== undefined && 'role' in file && file.role === 'media'
}
