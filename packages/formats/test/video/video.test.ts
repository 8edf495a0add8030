import type { SourceItem } from '@dsv/core'
import {
  builtInFormats,
  convertDataset,
  detectFormat,
  diskFolder,
  extractFrames,
  loadAdapter,
} from '@dsv/formats'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodePng } from '../../src/media/png.ts'
import { decodeFrames } from '../../src/video/decode-frames.ts'
import { splitPngs } from '../../src/video/split-pngs.ts'
import { readAll } from '../adapter-contract.ts'
import { assetPath, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('video')
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0

/** A program that is called ffmpeg and found before any other. */
let tools = ''
const searched = process.env['PATH']

beforeEach(() => {
  tools = mkdtempSync(path.join(tmpdir(), 'dsv-video-test-'))
})

afterEach(() => {
  process.env['PATH'] = searched
  rmSync(tools, { recursive: true })
})

function gray(width: number): Uint8Array {
  const data = new Uint8Array(width * 2)
  return encodePng({ width, height: 2, bitDepth: 8, colorType: 0, data })
}

function installTool(script: string): void {
  writeFileSync(path.join(tools, 'ffmpeg'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  process.env['PATH'] = `${tools}${path.delimiter}${searched ?? ''}`
}

/** What FFmpeg says of frames of 3 × 2 pixels, of which four are shown in a second. */
function framesFile(...lines: readonly string[]): string {
  const file = path.join(tools, 'frames')
  const head = ['#tb 0: 1/4', '#media_type 0: video', '#dimensions 0: 3x2']
  writeFileSync(file, [...head, ...lines, ''].join('\n'))
  return file
}

function withVideos(...names: readonly string[]): MemoryFolder {
  return memoryFolder(names.map((name) => [name, 'a video']))
}

describe('reading', () => {
  it('says what to install where FFmpeg is missing', async () => {
    process.env['PATH'] = tools
    await expect(readAll(adapter, withVideos('a.mp4'))).rejects.toMatchObject({
      code: 'DSV_TOOL_NOT_FOUND',
      hint: expect.stringContaining('Install ffmpeg'),
    })
  })

  it('makes an item of each frame, of which the video holds the pixels, and leaves no file behind', async () => {
    installTool(`cat ${framesFile('0, 0, 0, 1, 18, 0x1', '0, 3, 3, 1, 18, 0x2')}`)
    const before = temporaryVideos()
    const { items } = await readAll(adapter, withVideos('a.mp4'))
    const size = { width: 3, height: 2 }
    expect(items).toEqual([
      { subset: 'default', id: '000000', media: [video(0, 0)], layers: { ground_truth: [] } },
      { subset: 'default', id: '000001', media: [video(1, 0.75)], layers: { ground_truth: [] } },
    ])
    expect(temporaryVideos()).toEqual(before)

    function video(index: number, seconds: number): unknown {
      return { role: 'primary', path: 'a.mp4', kind: 'video', ...size, frame: { index, seconds } }
    }
  })

  it('tells the frames of several videos apart', async () => {
    installTool(`cat ${framesFile('0, 0, 0, 1, 18, 0x1')}`)
    const { items } = await readAll(adapter, withVideos('a.mp4', 'b.avi', 'b.mp4'))
    expect(items.map(({ id }) => id)).toEqual(['a/000000', 'b.avi/000000', 'b.mp4/000000'])
  })

  it('gives the last thing that FFmpeg says as the reason, and goes on when told to', async () => {
    installTool('echo first >&2; echo "moov atom not found" >&2; exit 1')
    await expect(readAll(adapter, withVideos('a.mp4'))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: 'a.mp4: cannot be decoded by FFmpeg (moov atom not found).',
    })
    const { items, problems } = await readAll(adapter, withVideos('a.mp4', 'b.mp4'), {
      onError: 'skip',
    })
    expect(items).toEqual([])
    expect(problems).toHaveLength(2)
  })

  it('does not take half a frame for a frame', async () => {
    const frames = path.join(tools, 'frames')
    writeFileSync(frames, gray(3).subarray(0, 40))
    installTool(`cat ${frames}`)
    const decoding = decodeFrames({ path: 'a.mp4', name: 'a.mp4' }, new AbortController().signal)
    await expect(decoding.next()).rejects.toThrow(/ends within a frame/)
  })

  it('stops FFmpeg when it is told to stop', async () => {
    installTool('exec sleep 60')
    const controller = new AbortController()
    const reading = readAll(adapter, withVideos('a.mp4'), { signal: controller.signal })
    setTimeout(() => controller.abort(), 50)
    await expect(reading).rejects.toThrow(/abort/)
  })
})

function temporaryVideos(): readonly string[] {
  return readdirSync(tmpdir()).filter(
    (name) => name.startsWith('dsv-video-') && path.extname(name) !== '',
  )
}

describe('splitPngs', () => {
  it.each([1, 7, 64, 10_000])('finds the images in pieces of %i bytes', async (size) => {
    const images = [gray(1), gray(40), gray(3)]
    const all = Buffer.concat(images)
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
    }
    const found: Buffer[] = []
    for await (const image of splitPngs(pieces(), 'a')) found.push(Buffer.from(image))
    expect(found).toEqual(images.map((image) => Buffer.from(image)))
  })
})

describe('detection', () => {
  it('never takes videos for frames by itself', async () => {
    const answers = await detectFormat(withVideos('a.mp4'))
    const answer = answers.find(({ format }) => format === 'video')
    expect(answer?.confidence).toBeGreaterThan(0.3)
    expect(answer?.confidence).toBeLessThan(0.5)
  })
})

describe('writing', () => {
  it('is refused', async () => {
    const view = { schema: { categories: [], attributes: [], info: {} } }
    await expect(
      (adapter.write as (view: unknown) => Promise<unknown>)(view),
    ).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  })
})

describe('with FFmpeg', () => {
  if (!hasFfmpeg) {
    it('cannot be tried: FFmpeg is not installed', () => expect(hasFfmpeg).toBe(false))
    return
  }
  /** A second of ten frames that begins at second 5 and of which the fourth is missing; every pixel is kept. */
  function clip(): string {
    const file = path.join(tools, 'clip.mkv')
    const filter = "select='not(eq(n,3))',setpts=PTS+5/TB"
    const source = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=1']
    ffmpeg(...source, '-vf', filter, '-fps_mode', 'vfr', '-c:v', 'ffv1', file)
    return file
  }

  function ffmpeg(...parameters: readonly string[]): Buffer {
    const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...parameters])
    if (status !== 0) throw new Error(stderr.toString())
    return stdout
  }

  function pixelsOf(...file: readonly string[]): Buffer {
    return ffmpeg(...file, '-fps_mode', 'passthrough', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-')
  }

  it('keeps times where the rate varies and the first is not 0', async () => {
    clip()
    const { items } = await readAll(adapter, diskFolder(tools))
    expect(items.map(({ media }) => media[0]?.frame?.seconds)).toEqual([
      0, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
    ])
  })

  it('writes the frames that FFmpeg decodes, pixel by pixel, under the names of CVAT', async () => {
    const output = path.join(tools, 'out')
    const { signal } = new AbortController()
    expect(await extractFrames({ video: clip(), output }, { signal })).toBe(9)
    const files = readdirSync(output).toSorted()
    expect(files.slice(0, 2)).toEqual(['frame_000000.PNG', 'frame_000001.PNG'])
    const written = files.map((file) => pixelsOf('-i', path.join(output, file)))
    expect(Buffer.concat(written).equals(pixelsOf('-i', clip()))).toBe(true)
  })

  it('takes some of the frames, which keep their numbers', async () => {
    const output = path.join(tools, 'out')
    const { signal } = new AbortController()
    const selection = { first: 2, last: 7, step: 3, prefix: 'a', extension: 'png' } as const
    await extractFrames({ video: clip(), output, ...selection }, { signal })
    expect(readdirSync(output).toSorted()).toEqual(['a_000002.png', 'a_000005.png'])
  })

  it('goes forth and back in a video', async () => {
    const cursor = await builtInFormats.openFrames(
      'clip.mkv',
      asStream(readFileSync(clip())),
      new AbortController().signal,
    )
    try {
      const all = []
      for (let index = 0; index < 9; index++) all.push(await cursor.frame(index))
      expect(new Set(all.map((frame) => frame.toString())).size).toBe(9)
      expect(Buffer.from(await cursor.frame(0)).equals(all[0] ?? gray(1))).toBe(true)
      expect(Buffer.from(await cursor.frame(8)).equals(all[8] ?? gray(1))).toBe(true)
      await expect(cursor.frame(9)).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
      expect(Buffer.from(await cursor.frame(4)).equals(all[4] ?? gray(1))).toBe(true)
    } finally {
      await cursor.close()
    }
    expect(temporaryVideos()).toEqual([])
  })

  it('hands pictures to formats that hold no frames', async () => {
    clip()
    const output = path.join(tools, 'images')
    await convertDataset({ input: tools, from: 'video', to: 'image-folder', output })
    const [first = ''] = readdirSync(output).toSorted()
    expect(first).toBe('000000.png')
    expect(pixelsOf('-i', path.join(output, '000005.png'))).toEqual(
      pixelsOf('-i', clip()).subarray(5 * 64 * 48 * 3, 6 * 64 * 48 * 3),
    )
  })
})

async function* asStream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

describe('what Datumaro reads', () => {
  if (!hasFfmpeg || factsOf('image_dir').length === 0) {
    it('cannot be compared: FFmpeg or its samples are not at hand', () =>
      expect(hasFfmpeg && factsOf('image_dir').length > 0).toBe(false))
    return
  }
  it('video_dataset/video.avi', async () => {
    const { items } = await readAll(adapter, diskFolder(assetPath('video_dataset')))
    const seen = items.map(({ id, media }: SourceItem) => [id, media[0]?.width, media[0]?.height])
    expect(seen).toEqual(
      Array.from({ length: 8 }, (_, index) => [String(index).padStart(6, '0'), 32, 32]),
    )
  })
})
