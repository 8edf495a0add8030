import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileNotFound, type Progress, withOutput } from '@dsv/core'
import { decodeFrames, type FrameSelection } from './decode-frames.ts'

/** Which frames are written, and where. */
export interface ExtractFramesRequest extends FrameSelection {
  /** Path of the video. */
  readonly video: string
  /** Path of a folder that is empty, or not there yet. */
  readonly output: string
  /** What names begin with; `frame` by default, as CVAT's. */
  readonly prefix?: string
  /** Of the files, which are PNGs in any case; `PNG` by default, as CVAT's. */
  readonly extension?: 'PNG' | 'png'
  /** Writes into a folder that holds something, over files of the same name. */
  readonly force?: boolean
}

/** What extracting needs besides. */
export interface ExtractFramesContext {
  readonly signal: AbortSignal
  /** Told now and then how many frames are written. */
  readonly onProgress?: (progress: Progress) => void
}

/**
 * Writes frames of a video as files named as CVAT names them: `frame_000000.PNG` is the first that is displayed. The
 * number is that of the frame in the video, whatever is left out. Returns how many were written.
 *
 * @throws `DSV_FILE_NOT_FOUND`, `DSV_OUTPUT_NOT_EMPTY`, `DSV_TOOL_NOT_FOUND` without FFmpeg, `DSV_FORMAT_SYNTAX` for a
 *   video that cannot be decoded
 */
export async function extractFrames(
  request: ExtractFramesRequest,
  { signal, onProgress }: ExtractFramesContext,
): Promise<number> {
  const { video, output, prefix = 'frame', extension = 'PNG', first = 0, step = 1 } = request
  if (!existsSync(video)) throw fileNotFound(video)
  return withOutput(output, request, async () => {
    await mkdir(output, { recursive: true })
    let count = 0
    for await (const frame of decodeFrames({ path: video, name: video }, signal, request)) {
      const number = String(first + count * step).padStart(6, '0')
      await writeFile(path.join(output, `${prefix}_${number}.${extension}`), frame)
      count += 1
      onProgress?.({ task: 'writing frames', done: count, unit: 'files' })
    }
    return count
  })
}
