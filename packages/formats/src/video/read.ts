import {
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { rm } from 'node:fs/promises'
import { isVideoPath, withoutExtension } from '../media/media-kind.ts'
import { piecesOf } from '../shared/byte-stream.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { listFrames } from './list-frames.ts'
import { temporaryCopy } from './open-frames.ts'
import type { VideoFile } from './run-ffmpeg.ts'

/** Digits of the number of a frame. */
const NUMBER_DIGITS = 6

/**
 * Reads the frames of all videos of a folder. Their pixels stay in the video: media say which frame of it they are. With
 * one video, the id of a frame is its number; with several, it begins with the path of the video.
 *
 * @throws `DSV_TOOL_NOT_FOUND` without FFmpeg, `DSV_FORMAT_SYNTAX` for a video that cannot be decoded
 */
export async function readVideo(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const videos = (await folder.list()).filter(isVideoPath)
  return { schema: EMPTY_SCHEMA, layout: { videos }, items: readItems(folder, videos, context) }
}

async function* readItems(
  folder: Folder,
  videos: readonly string[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const stems = videos.map(withoutExtension)
  for (const [at, video] of videos.entries()) {
    const stem = stems[at] ?? video
    // Two videos may differ in nothing but their kind.
    const unique = stems.indexOf(stem) === stems.lastIndexOf(stem) ? stem : video
    try {
      yield* readFrames(folder, video, videos.length === 1 ? '' : `${unique}/`, context)
    } catch (error) {
      skipOrThrow(error, video, context)
    }
  }
}

async function* readFrames(
  folder: Folder,
  video: string,
  prefix: string,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const copy = await copyOut(folder, video, context.signal)
  try {
    for await (const { index, seconds, width, height } of listFrames(copy, context.signal)) {
      const id = `${prefix}${String(index).padStart(NUMBER_DIGITS, '0')}`
      const frame = { index, seconds }
      yield {
        subset: 'default',
        id,
        media: [{ role: 'primary', path: video, kind: 'video', width, height, frame }],
        layers: { [GROUND_TRUTH]: [] },
      }
    }
  } finally {
    await rm(copy.path, { force: true })
  }
}

async function copyOut(folder: Folder, video: string, signal: AbortSignal): Promise<VideoFile> {
  const source = await folder.open(video)
  try {
    return await temporaryCopy(video, piecesOf(source), signal)
  } finally {
    await source.close()
  }
}
