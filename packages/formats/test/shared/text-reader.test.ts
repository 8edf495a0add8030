import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { parseJson } from '../../src/shared/json-reader.ts'
import { decodeText, joinLines, splitLines } from '../../src/shared/text-reader.ts'

describe('splitLines', () => {
  it.each([
    ['', [], '\n', false],
    ['a', ['a'], '\n', false],
    ['a\n', ['a'], '\n', true],
    ['a\r\nb\r\n', ['a', 'b'], '\r\n', true],
    ['a\n\nb', ['a', '', 'b'], '\n', false],
    ['\n', [''], '\n', true],
  ])('splits %j', (text, lines, newline, endsWithNewline) => {
    expect(splitLines(text)).toEqual({ lines, newline, endsWithNewline })
  })

  it('is undone by joinLines where all lines end alike', () => {
    const line = fc.string().filter((text) => !/[\r\n]/.test(text))
    const newlines = fc.constantFrom('\n', '\r\n')
    fc.assert(
      fc.property(fc.array(line), newlines, fc.boolean(), (lines, newline, isEnded) => {
        const text = lines.join(newline) + (isEnded ? newline : '')
        expect(joinLines(splitLines(text))).toBe(text)
      }),
    )
  })
})

describe('decodeText', () => {
  it('drops a byte-order mark and refuses what is not UTF-8', () => {
    expect(decodeText(Buffer.from('\ufeffgröße'), 'a.txt')).toBe('größe')
    for (const bytes of [Buffer.from('ab', 'utf16le'), Buffer.from([0xe4, 0x20])]) {
      expect(() => decodeText(bytes, 'a.txt')).toThrow(/^a\.txt: should be UTF-8/)
    }
  })
})

describe('parseJson', () => {
  it('names the file and the place, or quotes it', () => {
    expect(() => parseJson(Buffer.from('{\n "a": 1 2}'), 'a.json')).toThrow(
      'a.json: no valid JSON at line 2, column 9.',
    )
    expect(() => parseJson(Buffer.from('{\n "a": x}'), 'a.json')).toThrow(/a\.json: .*"a": x/s)
  })
})
