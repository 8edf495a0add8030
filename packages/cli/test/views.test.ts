import { describe, expect, it } from '@jest/globals'
import { oneLine, shapeText } from '../src/views/annotation-text.ts'
import { dateText } from '../src/views/date-text.ts'
import { progressLine, progressText } from '../src/views/progress-line.ts'
import { bytesText, countText, shortList } from '../src/views/quantities.ts'

describe('quantities', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 KB'],
    [9949, '9.9 KB'],
    [48_000_000, '48 MB'],
    [999_600, '1.0 MB'],
    [1_234_567_890, '1.2 GB'],
  ])('shortens %d bytes', (sizeBytes, text) => {
    expect(bytesText(sizeBytes)).toBe(text)
  })

  it('groups digits and cuts lists', () => {
    expect(countText(1_234_567)).toBe('1,234,567')
    expect(shortList(['a', 'b', 'c'], 2)).toBe('a, b … and 1 more')
    expect(shortList(['a', 'b'], 2)).toBe('a, b')
  })
})

describe('dateText', () => {
  it('keeps the clock that the moment was read from', () => {
    expect(dateText({ seconds: 0, offsetMinutes: -90 })).toBe('1969-12-31 22:30:00 -0130')
  })
})

describe('oneLine', () => {
  it('keeps control characters away from the terminal', () => {
    expect(oneLine('a\u001B[31mb\nc')).toBe(String.raw`a\u001b[31mb\nc`)
    expect(oneLine('\u009B31m\u007F')).not.toMatch(/[\u007F-\u009F]/u)
  })
})

describe('shapeText', () => {
  it('rounds for people', () => {
    expect(shapeText({ type: 'box', x: 1 / 3, y: 2, width: 3.999, height: 4 })).toBe('[0.33 2 4 4]')
    expect(
      shapeText({ type: 'polygon', parts: [[[0, 0, 1, 0, 1, 1]], [[2, 2, 3, 2, 3, 3]]] }),
    ).toBe('6 points, 2 parts')
  })
})

describe('progressLine', () => {
  it('appears on a terminal after a second, is drawn over, and goes', () => {
    let elapsed = 0
    let text = ''
    const note = (piece: string): void => void (text += piece)
    const line = progressLine({ ...QUIET, note, isTerminal: true, elapsedMs: () => elapsed })
    const update = (done: number): void =>
      line.update({ task: 'storing files', done, total: 4_000_000, unit: 'bytes' })
    update(0)
    elapsed = 900
    update(900_000)
    expect(text).toBe('')
    elapsed = 2000
    update(2_000_000)
    elapsed = 2010
    update(2_010_000)
    expect(text).toBe('\r\u001B[Kstoring files: 50 % of 4.0 MB, 2 s left')
    line.clear()
    expect(text.endsWith('\r\u001B[K')).toBe(true)
  })

  it('draws nothing elsewhere', () => {
    let text = ''
    const line = progressLine({ ...QUIET, note: (piece) => void (text += piece) })
    line.update({ task: 'x', done: 1, unit: 'items' })
    line.clear()
    expect(text).toBe('')
  })

  it('says how much is done where nobody knows of what', () => {
    expect(progressText({ task: 'reading', done: 1200, unit: 'items' }, 1)).toBe(
      'reading: 1,200 items',
    )
  })
})

const QUIET: Parameters<typeof progressLine>[0] = {
  out: () => {},
  outBytes: () => {},
  note: () => {},
  onProgress: () => {},
  commandWords: async () => [],
  isTerminal: false,
  useColor: false,
  folder: '/',
  environment: {},
  account: { user: '', host: '' },
  now: () => ({ seconds: 0, offsetMinutes: 0 }),
  elapsedMs: () => 0,
  signal: new AbortController().signal,
  argv: [],
  readInput: async () => '',
  edit: undefined,
  workerUrl: undefined,
}
