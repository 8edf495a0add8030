import type { AnnotatedItem } from '@dsv/core'
import { stepNamed } from '@dsv/steps'
import { describe, expect, it } from '@jest/globals'
import { boxOf, runStepOn, viewOf } from '../run-step.ts'

const frame = (index: number): AnnotatedItem['media'] => [
  { role: 'primary', path: 'movie.mkv', kind: 'video', frame: { index } },
]
const LABELS = viewOf(['car'], {
  'train/frame_000000': [boxOf('car')],
  'train/frame_000012': [boxOf('car')],
  'train/other': [],
})

function frames(...ids: readonly string[]): ReturnType<typeof viewOf> {
  const items = Object.fromEntries(ids.map((id) => [`default/${id}`, []]))
  const view = viewOf([], items)
  return {
    ...view,
    items: async function* withFrames(subset) {
      for await (const item of view.items(subset)) yield { ...item, media: frame(Number(item.id)) }
    },
  }
}

describe('attach-media', () => {
  it('gives items the media of the same number, and notes those that get none', async () => {
    const made = await runStepOn('attach-media', [LABELS, frames('000000', '000012', '000013')], {
      match: 'number',
    })
    expect(made.items.map(({ id, media }) => [id, media[0]?.frame?.index])).toEqual([
      ['frame_000000', 0],
      ['frame_000012', 12],
      ['other', undefined],
    ])
    expect(made.items[2]?.media[0]?.path).toBe('images/other.png')
    expect(made.notes).toEqual([{ what: 'item without media', where: 'train/other' }])
    expect(made.schema).toEqual(LABELS.schema)
  })

  it('adds items that have media alone, to the subset of the labels', async () => {
    const made = await runStepOn('attach-media', [LABELS, frames('000000', '000013')], {
      match: 'number',
      'add-items': true,
    })
    expect(made.items.map(({ subset, id, layers }) => [subset, id, Object.keys(layers)])).toEqual([
      ['train', 'frame_000000', ['ground_truth']],
      ['train', 'frame_000012', ['ground_truth']],
      ['train', 'other', ['ground_truth']],
      ['train', '000013', []],
    ])
  })

  it('takes the first of two that have one key', async () => {
    const made = await runStepOn('attach-media', [LABELS, frames('000000'), frames('0')], {
      match: 'number',
    })
    expect(made.items[0]?.media).toEqual(frame(0))
    expect(made.notes[0]).toEqual({
      what: 'media left out: one more of a key',
      where: 'default/0',
    })
  })

  it('needs a second dataset', async () => {
    expect(stepNamed('attach-media').inputs).toBe('many')
    await expect(runStepOn('attach-media', [LABELS], {})).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })
})
