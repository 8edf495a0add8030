import type { Folder } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { mediaFinder } from '../../src/shared/media-finder.ts'
import { stemFinder } from '../../src/shared/stem-finder.ts'

const folderOf = (...paths: readonly string[]): Folder =>
  ({ list: async () => paths }) as unknown as Folder

describe.each([
  ['mediaFinder', mediaFinder, '.jpg'],
  ['stemFinder', stemFinder, ''],
] as const)('%s', (_name, open, extension) => {
  it('looks into the hints, then anywhere', async () => {
    const { find } = await open(folderOf('images/train/a.jpg', 'data/deep/b.jpg', 'c.jpg'))
    expect(find(`a${extension}`, ['images/train/'])).toBe('images/train/a.jpg')
    expect(find(`b${extension}`, ['images/train/'])).toBe('data/deep/b.jpg')
    expect(find(`c${extension}`, ['images/train/'])).toBe('c.jpg')
    expect(find(`deep/b${extension}`)).toBe('data/deep/b.jpg')
    expect(find(`d${extension}`)).toBeUndefined()
  })

  it('takes nothing from a sibling of the folder that is its own', async () => {
    const { find } = await open(folderOf('images/train/a.jpg', 'images/val/b.jpg', 'valid/c.jpg'))
    expect(find(`b${extension}`, ['images/train/', 'images/'])).toBeUndefined()
    expect(find(`b${extension}`, ['images/test/', 'images/'])).toBe('images/val/b.jpg')
    expect(find(`c${extension}`, ['images/train/'])).toBe('valid/c.jpg')
    expect(find(`c${extension}`, ['valid/'])).toBe('valid/c.jpg')
    expect(find(`a${extension}`, ['valid/'])).toBeUndefined()
  })
})
