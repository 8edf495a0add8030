import {
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extensionOf, isVideoPath, withoutExtension } from '../media/media-kind.ts'
import { probeBytes } from '../media/probe-media.ts'
import { piecesOf } from '../shared/byte-stream.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { decodeFrames } from './decode-frames.ts'

/** Digits of the number of a frame. */
const NUMBER_DIGITS = 6

/**
 * Reads the frames of all videos of a folder, one at a time. With one video, the id of a frame is its
 * number; with several, it begins with the path of the video.
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
  const file = join(tmpdir(), `dsv-video-${randomUUID()}.${extensionOf(video)}`)
  try {
    await copyOut(folder, video, file, context.signal)
    let index = 0
    for await (const frame of decodeFrames(file, video, context.signal)) {
      const id = `${prefix}${String(index).padStart(NUMBER_DIGITS, '0')}`
      const info = await probeBytes(frame, 'frame.png')
      yield {
        subset: 'default',
        id,
        media: [{ role: 'primary', path: `${id}.png`, ...info, content: async () => frame }],
        extra: { video: { path: video, frame: index } },
        layers: { [GROUND_TRUTH]: [] },
      }
      index += 1
    }
  } finally {
    await rm(file, { force: true })
  }
}

/** FFmpeg reads files back and forth; a folder may be an archive or a store. */
async function copyOut(
  folder: Folder,
  video: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const source = await folder.open(video)
  try {
    const target = await open(file, 'wx', 0o600)
    try {
      for await (const piece of piecesOf(source)) {
        signal.throwIfAborted()
        await target.writeFile(piece)
      }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
