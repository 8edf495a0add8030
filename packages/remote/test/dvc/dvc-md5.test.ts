import { describe, expect, it } from '@jest/globals'
import { md5Check } from '../../src/dvc/dvc-md5.ts'
import { md5 } from './write-registry.ts'

function agrees(bytes: Uint8Array, expected: string, pieceBytes = 700_001): boolean {
  const check = md5Check('md5-dos2unix', expected)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    check.update(bytes.subarray(at, at + pieceBytes))
  }
  return check.mismatch() === undefined
}

describe('md5Check', () => {
  it('compares the bytes themselves for DVC 3', () => {
    const check = md5Check('md5', md5('a\r\n'))
    check.update(Buffer.from('a\r'))
    check.update(Buffer.from('\n'))
    expect(check.mismatch()).toBeUndefined()
    expect(md5Check('md5', md5('a\n')).mismatch()).toBe(md5(''))
  })

  it('takes line ends of text as Unix ones for DVC 2', () => {
    const text = Buffer.from('a\r\nb\r\r\n\rc\r')
    expect(agrees(text, md5('a\nb\r\n\rc\r'), 1)).toBe(true)
    expect(agrees(text, md5(text))).toBe(false)
  })

  it('calls text what has no zero byte and at most 30 % odd bytes in its first 512', () => {
    const odd = (count: number): Buffer =>
      Buffer.concat([
        Buffer.alloc(count, 200),
        Buffer.alloc(508 - count, 'x'),
        Buffer.from('x\r\ny'),
      ])
    const unix = (bytes: Buffer): string => bytes.toString('latin1').replace('\r\n', '\n')
    for (const [count, isText] of [
      [153, true],
      [154, false],
    ] as const) {
      const bytes = odd(count)
      expect(agrees(bytes, md5(Buffer.from(unix(bytes), 'latin1')))).toBe(isText)
      expect(agrees(bytes, md5(bytes))).toBe(!isText)
    }
    expect(agrees(Buffer.from('\0\r\n'), md5('\0\r\n'))).toBe(true)
  })

  it('keeps a line end that two chunks share', () => {
    const bytes = Buffer.alloc(2 ** 20 + 1, 'x')
    bytes.write('\r\n', 2 ** 20 - 1)
    expect(agrees(bytes, md5(bytes))).toBe(true)
  })

  it('lets the first chunk decide, as DVC 2 did, or each for itself, as DVC 3 does', () => {
    const text = Buffer.alloc(2 ** 20, 'line\r\n')
    const binary = Buffer.concat([Buffer.from('\0\0\r\n'), Buffer.alloc(100, 'y')])
    const bytes = Buffer.concat([text, binary])
    const unix = (part: Buffer): Buffer =>
      Buffer.from(part.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    expect(agrees(bytes, md5(Buffer.concat([unix(text), unix(binary)])))).toBe(true)
    expect(agrees(bytes, md5(Buffer.concat([unix(text), binary])))).toBe(true)
    expect(agrees(bytes, md5(bytes))).toBe(false)
  })
})
