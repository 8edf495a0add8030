import { fileNotFound, type FrameCursor } from '@dsv/core'
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extensionOf } from '../media/media-kind.ts'
import { decodeFrames } from './decode-frames.ts'
import type { VideoFile } from './run-ffmpeg.ts'

/** How many frames are kept for those that come back to them; up to so many steps back cost nothing. */
const KEPT = 8

/**
 * Returns a cursor over the frames of a video, of which a temporary copy is made: FFmpeg reads files back and forth.
 * Going on is cheap; going back further than some frames decodes the video from its beginning.
 */
export async function openFrames(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<FrameCursor> {
  const video = await temporaryCopy(name, pieces, signal)
  const kept = new Map<number, Uint8Array>()
  let frames: AsyncGenerator<Uint8Array> | undefined
  let next = 0
  const restart = async (): Promise<AsyncGenerator<Uint8Array>> => {
    await frames?.return(undefined)
    next = 0
    return decodeFrames(video, signal)
  }
  return {
    frame: async (index) => {
      const known = kept.get(index)
      if (known !== undefined) return known
      if (frames === undefined || index < next) frames = await restart()
      for (; next <= index; next++) {
        const { value, done } = await frames.next()
        if (done === true) {
          frames = undefined
          throw fileNotFound(`${name}, frame ${index}`)
        }
        kept.set(next, value)
        kept.delete(next - KEPT)
      }
      return kept.get(index) ?? new Uint8Array()
    },
    close: async () => {
      await frames?.return(undefined)
      await rm(video.path, { force: true })
    },
  }
}

/** Copies a video to a file that only this user can read. The caller removes it. */
export async function temporaryCopy(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<VideoFile> {
  const path = join(tmpdir(), `dsv-video-${randomUUID()}.${extensionOf(name)}`)
  const target = await open(path, 'wx', 0o600)
  try {
    for await (const piece of pieces) {
      signal.throwIfAborted()
      await target.writeFile(piece)
    }
    return { path, name }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await target.close()
  }
}
