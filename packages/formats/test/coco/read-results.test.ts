import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EMPTY_SCHEMA, type Loss } from '@dsv/core'
import { cocoImageIds, readCocoResults } from '@dsv/formats'

const SCHEMA = {
  ...EMPTY_SCHEMA,
  categories: [
    { key: 'cat', name: 'cat', sourceIds: { coco: 17 } },
    { key: 'dog', name: 'dog' },
  ],
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dsv-results-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function read(content: string): Promise<{
  readonly images: readonly (readonly string[])[]
  readonly losses: readonly Loss[]
}> {
  const file = path.join(folder, 'instances_val_results.json')
  writeFileSync(file, content)
  const losses: Loss[] = []
  const images: (readonly string[])[] = []
  const results = readCocoResults(file, [30, 10, 20], SCHEMA, {
    signal: new AbortController().signal,
    onError: 'fail',
    onLoss: (loss) => losses.push(loss),
    onProblem: () => {},
  })
  for await (const each of results)
    images.push(each.map(({ uid, category, score }) => `${uid} ${category} ${score}`))
  return { images, losses }
}

describe('readCocoResults', () => {
  it('gives the results of each image in the order of the images, in their own order within', async () => {
    const box = { bbox: [1, 2, 3, 4] }
    const { images, losses } = await read(
      JSON.stringify([
        { image_id: 20, category_id: 17, score: 0.5, ...box },
        { image_id: 30, category_id: 18, score: 0.1, ...box },
        { image_id: 20, category_id: 17, score: 0.9, ...box },
        { image_id: 99, category_id: 17, score: 0.9, ...box },
      ]),
    )
    expect(images).toEqual([['0 dog 0.1'], [], ['0 cat 0.5', '1 cat 0.9']])
    expect(losses.map(({ what }) => what)).toEqual(['annotation of an unknown image'])
  })

  it('finds nothing in an empty list', async () => {
    expect((await read(' [ ]\n')).images).toEqual([[], [], []])
  })

  it('refuses what is no list of results, and a category that is not there', async () => {
    const syntax = { code: 'DSV_FORMAT_SYNTAX' }
    await expect(read('{"images": [], "annotations": []}')).rejects.toMatchObject(syntax)
    await expect(read('[1, 2]')).rejects.toMatchObject(syntax)
    const unknown = [{ image_id: 10, category_id: 4, score: 1, bbox: [0, 0, 1, 1] }]
    await expect(read(JSON.stringify(unknown))).rejects.toMatchObject(syntax)
  })
})

describe('cocoImageIds', () => {
  it('keeps ids, and numbers the others after the largest', () => {
    expect(cocoImageIds([7, undefined, 3, undefined])).toEqual([7, 8, 3, 9])
    expect(cocoImageIds([undefined, undefined])).toEqual([1, 2])
  })
})
