import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  add,
  checkoutFormat,
  commit,
  isClean,
  merge,
  readItem,
  reset,
  restore,
  stashApply,
  stashPush,
  status,
  switchTo,
  undo,
} from '@dsv/core'
import { box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository

beforeEach(async () => {
  tiny = await tinyRepository()
  tiny.item('train/a', [box('cat', 1.25)])
  tiny.item('train/b', [box('cat', 2), { ...box('dog', 300), score: 0.5 }])
  tiny.item('val/c', [{ type: 'label', category: 'dog' }])
  await tiny.commit('pets')
  await checkoutFormat(tiny.repository, { format: 'lossy' })
})

afterEach(async () => tiny.close())

async function editTwoFiles(): Promise<void> {
  writeFileSync(tiny.at('data/boxes/train/a.txt'), 'dog 1 0 10 10\n')
  writeFileSync(tiny.at('data/boxes/train/b.txt'), 'cat 9 0 10 10\ndog 300 0 10 10\n')
  await add(tiny.repository, { paths: ['data'] })
}

/** What the format in the working tree cannot show: a label, a score and a fraction of a pixel. */
async function unseen(): Promise<unknown> {
  const read = async (subset: string, id: string) =>
    (await readItem(tiny.repository, { key: { subset, id } })).layers.ground_truth ?? []
  const [a, b, c] = [await read('train', 'a'), await read('train', 'b'), await read('val', 'c')]
  return {
    x: a.map((each) => 'x' in each && each.x),
    score: b[1]?.score,
    types: c.map((each) => each.type).toSorted(),
  }
}

const ALL = { x: [1.25], score: 0.5, types: ['label'] }

describe('a dataset that is looked at in a format that shows less keeps all of it', () => {
  it('when one of two staged files is restored', async () => {
    await editTwoFiles()
    const paths = ['data/boxes/train/a.txt']
    await restore(tiny.repository, { paths, staged: true, worktree: true })
    expect(await unseen()).toEqual(ALL)
    const b = await readItem(tiny.repository, { key: { subset: 'train', id: 'b' } })
    expect(b.layers.ground_truth?.[0]).toMatchObject({ x: 9 })
  })

  it('when all is reset', async () => {
    await editTwoFiles()
    await reset(tiny.repository, { mode: 'hard' })
    expect(isClean(await status(tiny.repository))).toBe(true)
    expect(await unseen()).toEqual(ALL)
  })

  it('when edits are put away and brought back', async () => {
    await editTwoFiles()
    await stashPush(tiny.repository)
    expect(isClean(await status(tiny.repository))).toBe(true)
    expect(await unseen()).toEqual(ALL)
    await stashApply(tiny.repository)
    expect(await unseen()).toMatchObject({ score: 0.5, types: ['label'] })
  })

  it('when the format is undone', async () => {
    await undo(tiny.repository)
    const found = await status(tiny.repository)
    expect(isClean(found)).toBe(true)
    expect(found.formats.size).toBe(0)
    expect(await unseen()).toEqual(ALL)
  })

  it('when edits of two branches are merged', async () => {
    await switchTo(tiny.repository, { target: 'side', create: true })
    await editTwoFiles()
    await commit(tiny.repository, { message: 'two files' })
    await switchTo(tiny.repository, { target: 'main' })
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    writeFileSync(tiny.at('data/boxes/val/c.txt'), 'cat 1 1 1 1\n')
    await add(tiny.repository, { paths: ['data'] })
    await commit(tiny.repository, { message: 'a cat in c' })
    const { conflicts } = await merge(tiny.repository, { revision: 'side' })
    expect(conflicts).toEqual([])
    expect(isClean(await status(tiny.repository))).toBe(true)
    expect(await unseen()).toMatchObject({ score: 0.5, types: ['box', 'label'] })
  })
})
