import { runFfmpeg, type VideoFile } from './run-ffmpeg.ts'
import { splitPngs } from './split-pngs.ts'

/** Which frames are taken, by their numbers from 0. */
export interface FrameSelection {
  /** Default 0. */
  readonly first?: number
  /** Default: the last of the video. */
  readonly last?: number
  /** Every how many; default 1. */
  readonly step?: number
}

/**
 * Yields the frames of a video as PNGs of red, green and blue, in order, as FFmpeg decodes them.
 *
 * @throws `DSV_TOOL_NOT_FOUND` without FFmpeg, `DSV_FORMAT_SYNTAX` when it cannot decode the file
 */
export function decodeFrames(
  video: VideoFile,
  signal: AbortSignal,
  selection: FrameSelection = {},
): AsyncGenerator<Uint8Array> {
  const output = ['-pix_fmt', 'rgb24', '-f', 'image2pipe', '-c:v', 'png', 'pipe:1']
  return runFfmpeg(video, [...filterOf(selection), ...output], signal, (bytes) =>
    splitPngs(bytes, video.name),
  )
}

function filterOf({ first = 0, last, step = 1 }: FrameSelection): readonly string[] {
  const conditions = [
    ...(first > 0 ? [`gte(n\\,${first})`] : []),
    ...(last === undefined ? [] : [`lte(n\\,${last})`]),
    ...(step > 1 ? [`not(mod(n-${first}\\,${step}))`] : []),
  ]
  return conditions.length === 0 ? [] : ['-vf', `select=${conditions.join('*')}`]
}
