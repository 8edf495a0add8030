import { formatSyntax } from '@dsv/core'
import { runFfmpeg, type VideoFile } from './run-ffmpeg.ts'

/** A frame of a video, without its pixels. */
export interface VideoFrame {
  /** Its number, from 0, in the order of display. */
  readonly index: number
  /** When it is shown, from the beginning of the video. */
  readonly seconds: number
  /** Pixels, as it is displayed. */
  readonly width: number
  readonly height: number
}

/**
 * Lists the frames of a video with their times. The video is decoded, because only then it is known which frames come
 * out of it, but no picture is encoded.
 *
 * @throws `DSV_TOOL_NOT_FOUND` without FFmpeg, `DSV_FORMAT_SYNTAX` when it cannot decode the file
 * @see {@link https://ffmpeg.org/ffmpeg-formats.html#framecrc-1 | framecrc}
 */
export function listFrames(video: VideoFile, signal: AbortSignal): AsyncGenerator<VideoFrame> {
  const output = ['-pix_fmt', 'rgb24', '-f', 'framecrc', 'pipe:1']
  return runFfmpeg(video, output, signal, async function* frames(bytes) {
    const found = new Map<string, string>()
    let index = 0
    for await (const line of linesOf(bytes)) {
      const [, name, value] = /^#(\w+) 0: (.*)$/u.exec(line) ?? []
      if (name !== undefined && value !== undefined) found.set(name, value)
      if (line.startsWith('#') || line === '') continue
      yield { index, seconds: secondsOf(line, found.get('tb')), ...sizeOf(video, found) }
      index += 1
    }
  })
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + Buffer.from(piece).toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  yield rest
}

function secondsOf(line: string, base: string | undefined): number {
  const ticks = Number(line.split(',')[2])
  const [numerator, denominator] = (base ?? '').split('/').map(Number)
  const seconds = (ticks * (numerator ?? 0)) / (denominator ?? 0)
  return Number.isFinite(seconds) ? seconds : 0
}

function sizeOf(
  { name }: VideoFile,
  found: ReadonlyMap<string, string>,
): Pick<VideoFrame, 'width' | 'height'> {
  const [width = 0, height = 0] = (found.get('dimensions') ?? '').split('x').map(Number)
  if (!(width > 0 && height > 0)) throw formatSyntax(name, 'has frames of no size')
  return { width, height }
}
