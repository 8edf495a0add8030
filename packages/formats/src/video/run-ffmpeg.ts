import { formatSyntax } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { toolNotFound } from '../errors.ts'

/** Kinds of files that hold pictures themselves: a playlist could name files of other people. */
const CONTAINERS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,wav,m4v,h264,hevc'
const MAX_MESSAGE = 2000

/** A video on disk. */
export interface VideoFile {
  readonly path: string
  /** What errors call it. */
  readonly name: string
}

/**
 * Yields what `read` makes of what FFmpeg writes for the first video stream of a file: turned as the video says, no
 * frame repeated or left out to keep a rate. FFmpeg ends with the iteration.
 *
 * @param output - What FFmpeg is told of its output
 * @throws `DSV_TOOL_NOT_FOUND` without FFmpeg, `DSV_FORMAT_SYNTAX` when it cannot decode the file
 */
export async function* runFfmpeg<Result>(
  { path, name }: VideoFile,
  output: readonly string[],
  signal: AbortSignal,
  read: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Result>,
): AsyncGenerator<Result> {
  signal.throwIfAborted()
  const { env } = process
  const parameters = [...inputOf(path), '-map', '0:v:0', '-fps_mode', 'passthrough', ...output]
  const child = spawn('ffmpeg', parameters, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  // What goes wrong is thrown below, when the output has ended.
  closed.catch(() => undefined)
  const message = lastMessage(child)
  const stop = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', stop)
  try {
    if (child.pid !== undefined) yield* read(child.stdout)
    await closed
    signal.throwIfAborted()
  } catch (error) {
    signal.throwIfAborted()
    if (systemErrorCode(error) === 'ENOENT') {
      throw toolNotFound('ffmpeg', 'Frames of videos are decoded with FFmpeg')
    }
    const exit = await codeOf(closed)
    // A stream that ends early is only what follows from it.
    if (exit !== 0 && exit !== undefined) throw notDecoded(name, message(path))
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
  if (child.exitCode !== 0) throw notDecoded(name, message(path))
}

function inputOf(path: string): readonly string[] {
  const limits = ['-protocol_whitelist', 'file', '-format_whitelist', CONTAINERS]
  return ['-hide_banner', '-nostdin', '-v', 'error', ...limits, '-i', `file:${path}`]
}

function lastMessage({ stderr }: ChildProcess): (path: string) => string {
  let text = ''
  stderr?.setEncoding('utf8')
  stderr?.on('data', (piece: string) => {
    text = `${text}${piece}`.slice(-MAX_MESSAGE)
  })
  return (path) => text.trim().split('\n').at(-1)?.replace(`file:${path}: `, '').trim() ?? ''
}

async function codeOf(closed: Promise<readonly unknown[]>): Promise<unknown> {
  try {
    return (await closed)[0]
  } catch {
    return undefined
  }
}

function notDecoded(name: string, message: string): Error {
  const why = message === '' ? '' : ` (${message.replace(/\.$/u, '')})`
  return formatSyntax(name, `cannot be decoded by FFmpeg${why}`)
}
