import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  type AnnotatedItem,
  type DatasetContent,
  exportTransformed,
  type TransformContext,
  type TransformInput,
} from '@dsv/core'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository
let output: string

beforeEach(async () => {
  tiny = await tinyRepository()
  tiny.item('train/a', [box('cat', 0)])
  tiny.item('val/b', [box('dog', 5)])
  await tiny.commit('first')
  output = path.join(tiny.outside, 'out')
})

afterEach(async () => tiny.close())

/** Makes of each item one of which the pixels are new, except those of `val`. */
async function repaint(
  [input]: readonly TransformInput[],
  context: TransformContext,
): Promise<DatasetContent> {
  if (input === undefined) throw new TypeError('No dataset')
  const { schema } = input.view
  async function* items(view: TransformInput['view']): AsyncGenerator<AnnotatedItem> {
    for await (const item of view.items()) {
      const [medium] = item.media
      if (item.subset === 'val' || medium === undefined) yield item
      else {
        const old = Buffer.from(await context.readMedia(medium)).toString()
        const stored = await context.storeMedia(Buffer.from(`new ${old}`))
        yield { ...item, media: [{ ...medium, ...stored }] }
      }
    }
  }
  return { schema, items: items(input.view) }
}

describe('exportTransformed', () => {
  it('writes what is made with its media, new ones too, and stores nothing', async () => {
    const before = await tiny.repository.state()
    const made = await exportTransformed(tiny.repository, { datasets: [], output }, repaint)
    expect(made).toMatchObject({ format: 'tiny', items: 2, annotations: 2, isVerbatim: false })
    const text = (file: string): string => readFileSync(path.join(output, file), 'utf8')
    expect(text('media/train/a.png')).toBe('new pixels of train/a')
    expect(text('media/val/b.png')).toBe('pixels of val/b')
    expect(existsSync(path.join(output, 'labels/val/b.json'))).toBe(true)
    expect(await tiny.repository.state()).toEqual(before)
  })

  it('takes a version that is not staged any more', async () => {
    tiny.item('train/a', [])
    await tiny.commit('second')
    const request = { datasets: ['data'], revision: 'HEAD~1', output }
    const made = await exportTransformed(tiny.repository, request, repaint)
    expect(made.annotations).toBe(2)
  })

  it('leaves the output as it was when it fails', async () => {
    const fails = exportTransformed(
      tiny.repository,
      { datasets: [], output },
      async (inputs, context) => {
        const { schema, items } = await repaint(inputs, context)
        async function* broken(): AsyncGenerator<AnnotatedItem> {
          yield* items
          throw new Error('broken')
        }
        return { schema, items: broken() }
      },
    )
    await expect(fails).rejects.toThrow('broken')
    expect(existsSync(output)).toBe(false)
    mkdirSync(output)
    const unknown = { datasets: ['date'], output }
    await expect(exportTransformed(tiny.repository, unknown, repaint)).rejects.toMatchObject({
      code: 'DSV_DATASET_UNKNOWN',
    })
    expect(readdirSync(output)).toEqual([])
  })

  it('writes neither over something nor into the repository', async () => {
    mkdirSync(path.join(output, 'mine'), { recursive: true })
    const full = exportTransformed(tiny.repository, { datasets: [], output }, repaint)
    await expect(full).rejects.toMatchObject({ code: 'DSV_OUTPUT_NOT_EMPTY' })
    for (const inside of ['', '.dsv/out'])
      await expect(
        exportTransformed(tiny.repository, { datasets: [], output: tiny.at(inside) }, repaint),
      ).rejects.toMatchObject({ code: 'DSV_OUTPUT_IS_REPOSITORY' })
  })
})
