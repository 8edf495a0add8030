import { detectFormat, formatNames, loadAdapter, loadFormat, resolveFormatName } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { memoryFolder } from './memory-folder.ts'

describe('the registry', () => {
  it.each(formatNames)('loads %s by its own name', async (name) => {
    const format = await loadFormat(name)
    expect(format.name).toBe(name)
    expect((await loadAdapter(name)).format).toBe(format)
  })

  it.each([
    ['COCO', 'coco'],
    ['roboflow_coco', 'coco'],
    ['mmdet-coco', 'coco'],
  ])('knows %s as %s', (alias, name) => {
    expect(resolveFormatName(alias)).toBe(name)
  })

  it.each(['', 'cocoa', '__proto__', 'constructor', 'toString'])(
    'does not know %j',
    async (name) => {
      await expect(loadAdapter(name)).rejects.toMatchObject({ code: 'DSV_FORMAT_UNKNOWN' })
    },
  )
})

describe('detectFormat', () => {
  it('asks all formats and puts the surest first', async () => {
    const text = '{"images":[{"id":1,"file_name":"a.jpg"}],"annotations":[],"categories":[]}'
    const folder = memoryFolder([
      ['annotations/instances_train.json', text],
      ['images/train/a.jpg', ''],
    ])
    const answers = await detectFormat(folder)
    expect(answers[0]).toMatchObject({ format: 'coco' })
    expect(answers.map(({ format }) => format).toSorted()).toEqual(formatNames)
    expect(answers.map(({ confidence }) => confidence)).toEqual(
      answers.map(({ confidence }) => confidence).toSorted((a, b) => b - a),
    )
  })

  it('is sure of nothing in an empty folder', async () => {
    const answers = await detectFormat(memoryFolder())
    expect(answers.every(({ confidence, reason }) => confidence === 0 && reason !== '')).toBe(true)
  })
})
