import type { FormatAdapter } from '@dsv/core'
import { detectFormat, formatNames, judgeFormats, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { itemWith, writeSample } from './format-matrix.ts'
import { SAMPLE_TYPES, sampleAnnotation } from './sample-annotations.ts'

/** What is written is a plain folder of images, or one for each class: nothing tells it from others. */
const PLAIN_FOLDERS = new Set([
  'common-super-resolution',
  'image-folder plain',
  'image-folder classes',
  'imagenet',
  'yolo ultralytics-classify',
])

/** It says nothing of images, so it is no dataset of its own. */
const NO_DATASETS = new Set(['coco results'])

async function chosenFormat(adapter: FormatAdapter, variant: string | undefined): Promise<string> {
  const { holds } = adapter.format
  const types = SAMPLE_TYPES.filter((type) => holds.has(type) && type !== 'relation')
  const isCloud = holds.size > 0 && [...holds].every((type) => type === 'cuboid-3d')
  const item = itemWith(types.map(sampleAnnotation), isCloud ? 'point-cloud' : 'image')
  const folder = await writeSample(adapter, [item], variant, () => {})
  const judged = judgeFormats(await detectFormat(folder))
  const said = judged.filter(({ confidence }) => confidence > 0)
  const chosen = judged.find(({ verdict }) => verdict === 'chosen')
  return chosen?.format ?? said.map((each) => `${each.format} ${each.confidence}`).join(', ')
}

describe('detectFormat', () => {
  it('tells each format from all others by what it writes', async () => {
    const wrong: string[] = []
    for (const name of formatNames) {
      const adapter = await loadAdapter(name)
      const { variants, canWrite } = adapter.format
      if (canWrite === false) continue
      for (const variant of variants.length > 0 ? variants : [undefined]) {
        const key = variant === undefined ? name : `${name} ${variant}`
        if (NO_DATASETS.has(key)) continue
        const chosen = await chosenFormat(adapter, variant)
        const wanted = PLAIN_FOLDERS.has(key) ? 'image-folder' : name
        if (chosen !== wanted) wrong.push(`${key} is taken for ${chosen}`)
      }
    }
    expect(wrong).toEqual([])
  }, 30_000)
})
