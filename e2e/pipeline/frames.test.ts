import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0

/** A movie of six frames, without loss. */
function openMovie(): Sandbox {
  const sandbox = openSandbox()
  sandbox.write('clips/notes.txt', 'a movie')
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=32x24:rate=6:duration=1', '-c:v', 'ffv1']
  spawnSync('ffmpeg', ['-v', 'error', ...source, sandbox.at('clips/movie.mkv')])
  return sandbox
}

if (hasFfmpeg) {
  test('a movie is stored once, and its frames are decoded for who wants images', async () => {
    using sandbox = openMovie()
    await sandbox.dsv('init')
    await sandbox.dsv('add', 'clips', '--format', 'video')
    await sandbox.dsv('commit', '-m', 'movie')
    await expect(sandbox.dsv('ls', 'clips', '--where', 'media.frame > 4')).resolves.toBe(
      'default/000005  0 annotations\n',
    )
    await sandbox.dsv('checkout', 'HEAD', '-o', 'images', '--format', 'image-folder', 'clips')
    await sandbox.dsv('frames', 'clips/movie.mkv', 'frames', '--extension', 'png')
    expect(readdirSync(sandbox.at('images')).toSorted()).toEqual(
      ['000000', '000001', '000002', '000003', '000004', '000005'].map((id) => `${id}.png`),
    )
    expect(sandbox.read('images/000004.png')).toBe(sandbox.read('frames/frame_000004.png'))

    await sandbox.dsv(
      'transform',
      'filter',
      'clips',
      '--where',
      'media.frame >= 4',
      '-o',
      'late',
      '--format',
      'yolo',
    )
    expect(readdirSync(sandbox.at('late/images/default'))).toEqual(['000004.png', '000005.png'])
  })

  test('a stage takes frames as files, and takes them again from the run cache', async () => {
    using sandbox = openMovie()
    await sandbox.dsv('init')
    const stage = (step: number): string =>
      `stages: {frames: {step: frames, from: clips/movie.mkv, into: frames, with: {step: ${step}}}}`
    sandbox.write('dsv.yaml', stage(3))
    await sandbox.dsv('run')
    expect(readdirSync(sandbox.at('frames'))).toEqual(['frame_000000.PNG', 'frame_000003.PNG'])
    sandbox.write('dsv.yaml', stage(5))
    await sandbox.dsv('run')
    expect(readdirSync(sandbox.at('frames'))).toEqual(['frame_000000.PNG', 'frame_000005.PNG'])
    sandbox.write('dsv.yaml', stage(3))
    await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 taken from the run cache\n')
    expect(readdirSync(sandbox.at('frames'))).toEqual(['frame_000000.PNG', 'frame_000003.PNG'])
  })
} else {
  test('frames cannot be tried: FFmpeg is not installed', () => expect(hasFfmpeg).toBe(false))
}

test('what is no video is named, and nothing is written', async () => {
  using sandbox = openSandbox()
  sandbox.write('movie.mkv', 'no movie')
  const { exitCode, stderr } = await sandbox.run(['frames', 'movie.mkv', 'frames'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(hasFfmpeg ? /movie\.mkv: cannot be decoded/ : /DSV_TOOL_NOT_FOUND/)
  expect(sandbox.has('frames')).toBe(false)
})
