import type { Folder, MediaInfo, OpenFile } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { type ImageHeader, imageHeader } from './image-header.ts'
import { jpegHeader } from './jpeg-header.ts'
import { memoryFile } from '../folder/open-file.ts'
import { isImagePath, isPointCloudPath, isVideoPath } from './media-kind.ts'
import { tiffHeader, tiffStart } from './tiff-header.ts'

const FIRST_BYTES = 64
const MAX_TIFF_DIRECTORY_BYTES = 2 + 12 * 512

/**
 * Returns what the first bytes of a media file say; undefined when the file is missing or is no media.
 *
 * Images are known by their bytes (JPEG, PNG, WebP, GIF, BMP, TIFF), so a wrong extension does no harm;
 * an image of another kind, or a damaged one, has a kind but no size. Videos and point clouds are
 * known by extension only.
 */
export async function probeMedia(folder: Folder, path: string): Promise<MediaInfo | undefined> {
  if (isVideoPath(path)) return (await folder.has(path)) ? { kind: 'video' } : undefined
  if (isPointCloudPath(path)) return (await folder.has(path)) ? { kind: 'point-cloud' } : undefined
  const file = await openExisting(folder, path)
  if (file === undefined) return undefined
  try {
    const header = await readHeader(file)
    if (header !== undefined) return { kind: 'image', ...header }
    return isImagePath(path) ? { kind: 'image' } : undefined
  } finally {
    await file.close()
  }
}

/** Returns what the bytes of a media file say that lies inside another file; `path` is its name. */
export async function probeBytes(bytes: Uint8Array, path: string): Promise<MediaInfo> {
  return probeFile(memoryFile(bytes), path)
}

/** Returns what the first bytes of an open media file say; `path` is its name. */
export async function probeFile(file: OpenFile, path: string): Promise<MediaInfo> {
  if (isVideoPath(path)) return { kind: 'video' }
  if (isPointCloudPath(path)) return { kind: 'point-cloud' }
  const header = await readHeader(file)
  if (header !== undefined) return { kind: 'image', ...header }
  return { kind: isImagePath(path) ? 'image' : 'other' }
}

async function readHeader(file: OpenFile): Promise<ImageHeader | undefined> {
  const first = await file.read(0, FIRST_BYTES)
  if (first[0] === 0xff && first[1] === 0xd8) return jpegHeader(file)
  const tiff = tiffStart(first)
  if (tiff === undefined) return imageHeader(first)
  const header = tiffHeader(await file.read(tiff.directoryOffset, MAX_TIFF_DIRECTORY_BYTES), tiff)
  return header?.width === undefined ? undefined : header
}

async function openExisting(folder: Folder, path: string): Promise<OpenFile | undefined> {
  try {
    return await folder.open(path)
  } catch (error) {
    if (isDsvError(error, 'DSV_FILE_NOT_FOUND')) return undefined
    throw error
  }
}
