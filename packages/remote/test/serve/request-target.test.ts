import { describe, expect, it } from '@jest/globals'
import { checkStoragePath } from '@dsv/store'
import fc from 'fast-check'
import { parseRange } from '../../src/serve/parse-range.ts'
import { parseRequestTarget } from '../../src/serve/request-target.ts'

const piece = fc.constantFrom('a', '/', '..', '.', '%2e', '%2F', '%5c', '\\', '%00', ':', '?', '%')
const nearly = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`)

describe('parseRequestTarget', () => {
  it('gives paths that stay inside, or none', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string(), fc.webPath()), (text) => {
        const target = parseRequestTarget(text)
        if (target.type === 'file') checkStoragePath(target.path)
        return target.type !== 'file' || !target.path.includes('..')
      }),
    )
  })

  it('reads what the client of dsv writes', () => {
    const part = fc.stringMatching(/^[a-zü0-9 %#?&+-]{1,10}$/)
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const target = `/${parts.map(encodeURIComponent).join('/')}`
        expect(parseRequestTarget(target)).toEqual({ type: 'file', path: parts.join('/') })
      }),
    )
    expect(parseRequestTarget('/?list=objects%2Fpack%2F&after=objects%2Fpack%2Fa')).toEqual({
      type: 'list',
      prefix: 'objects/pack/',
      after: 'objects/pack/a',
    })
  })
})

describe('parseRange', () => {
  it('stays inside the file', () => {
    const number = fc.oneof(fc.nat({ max: 12 }), fc.constant(''), fc.nat())
    fc.assert(
      fc.property(number, number, fc.nat({ max: 10 }), (first, last, sizeBytes) => {
        const range = parseRange(`bytes=${first}-${last}`, sizeBytes)
        if (range === undefined || range === 'unsatisfiable') return true
        return range.start >= 0 && range.start < range.end && range.end <= sizeBytes
      }),
    )
  })

  it('takes any header', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (header, sizeBytes) => {
        expect(['undefined', 'string', 'object']).toContain(
          typeof parseRange(`bytes=${header}`, sizeBytes),
        )
      }),
    )
  })
})
