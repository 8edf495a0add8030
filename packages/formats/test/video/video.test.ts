import type { SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { encodePng } from '../../src/media/png.ts'
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

  it('makes an item of each frame, and leaves no file behind', async () => {
    const frames = path.join(tools, 'frames')
    writeFileSync(frames, Buffer.concat([gray(3), gray(4)]))
    installTool(`cat ${frames}`)
    const before = temporaryVideos()
    const { items } = await readAll(adapter, withVideos('a.mp4'))
    expect(items).toMatchObject([
      { subset: 'default', id: '000000', media: [{ path: '000000.png', width: 3, height: 2 }] },
      { id: '000001', media: [{ width: 4 }], extra: { video: { path: 'a.mp4', frame: 1 } } },
    ])
    expect(temporaryVideos()).toEqual(before)
  })

  it('tells the frames of several videos apart', async () => {
    const frames = path.join(tools, 'frames')
    writeFileSync(frames, gray(3))
    installTool(`cat ${frames}`)
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
    await expect(readAll(adapter, withVideos('a.mp4'))).rejects.toThrow(/ends within a frame/)
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
    (name) => name.startsWith('dsv-video-') && name.endsWith('.mp4'),
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
