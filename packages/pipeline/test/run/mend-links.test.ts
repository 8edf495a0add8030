import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mendLinks } from '../../src/run/mend-links.ts'

let scratch = ''

beforeEach(() => {
  scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'dsv-links-test-')))
  mkdirSync(path.join(scratch, 'data/out/images'), { recursive: true })
  mkdirSync(path.join(scratch, 'data/frames'))
  writeFileSync(path.join(scratch, 'data/frames/a.png'), 'pixels')
})

afterEach(() => {
  rmSync(scratch, { recursive: true })
})

function link(target: string, name: string): string {
  const place = path.join(scratch, 'data/out/images', name)
  symlinkSync(target, place)
  return place
}

describe('mendLinks', () => {
  it('makes whole paths of the scratch folder relative, and leaves other links', () => {
    const whole = link(path.join(scratch, 'data/frames/a.png'), 'whole')
    const relative = link('../../frames/a.png', 'relative')
    const outside = link('/somewhere/else', 'outside')
    const likeIt = link(`${scratch}-2/a.png`, 'like-it')
    mendLinks(scratch, 'data/out')
    expect(readlinkSync(whole)).toBe('../../frames/a.png')
    expect(readFileSync(whole, 'utf8')).toBe('pixels')
    expect(readlinkSync(relative)).toBe('../../frames/a.png')
    expect(readlinkSync(outside)).toBe('/somewhere/else')
    expect(readlinkSync(likeIt)).toBe(`${scratch}-2/a.png`)
  })

  it('knows the scratch folder by its real path too', () => {
    const alias = `${scratch}-alias`
    symlinkSync(scratch, alias)
    try {
      const whole = link(path.join(scratch, 'data/frames/a.png'), 'whole')
      mendLinks(alias, 'data/out/images/whole')
      expect(readlinkSync(whole)).toBe('../../frames/a.png')
    } finally {
      rmSync(alias)
    }
  })
})
