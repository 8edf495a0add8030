import { formatSyntax } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { toolNotFound } from '../errors.ts'
import { splitPngs } from './split-pngs.ts'

/** Kinds of files that hold pictures themselves: a playlist could name files of other people. */
const CONTAINERS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,wav,m4v,h264,hevc'
const MAX_MESSAGE = 2000

/**
 * Yields the frames of a video as PNGs of red, green and blue, in order, as FFmpeg decodes them: turned
 * as the video says, none repeated or left out to keep a rate.
 *
 * @param path - Where the video lies on disk
 * @param name - What errors call it
 * @throws `DSV_TOOL_NOT_FOUND` without FFmpeg, `DSV_FORMAT_SYNTAX` when it cannot decode the file
 */
export async function* decodeFrames(
  path: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted()
  const { env } = process
  const child = spawn('ffmpeg', argumentsFor(path), { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  // What goes wrong is thrown below, when the output has ended.
  closed.catch(() => undefined)
  const message = lastMessage(child)
  const stop = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', stop)
  try {
    if (child.pid !== undefined) yield* splitPngs(child.stdout, name)
    await closed
    signal.throwIfAborted()
  } catch (error) {
    signal.throwIfAborted()
    if (systemErrorCode(error) === 'ENOENT') {
      throw toolNotFound('ffmpeg', 'Frames of videos are decoded with FFmpeg')
    }
    const exit = await codeOf(closed)
    // A stream that ends early is only what follows from it.
    if (exit !== 0 && exit !== undefined) throw notDecoded(name, message())
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
  if (child.exitCode !== 0) throw notDecoded(name, message())
}

function argumentsFor(path: string): readonly string[] {
  const input = [
    '-protocol_whitelist',
    'file',
    '-format_whitelist',
    CONTAINERS,
    '-i',
    `file:${path}`,
  ]
  const output = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-pix_fmt', 'rgb24']
  const asPngs = ['-f', 'image2pipe', '-c:v', 'png', 'pipe:1']
  return ['-hide_banner', '-nostdin', '-v', 'error', ...input, ...output, ...asPngs]
}

function lastMessage({ stderr }: ChildProcess): () => string {
  let text = ''
  stderr?.setEncoding('utf8')
  stderr?.on('data', (piece: string) => {
    text = `${text}${piece}`.slice(-MAX_MESSAGE)
  })
  return () => text.trim().split('\n').at(-1)?.trim() ?? ''
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
