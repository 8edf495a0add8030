import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  add,
  checkoutFormat,
  commit,
  isClean,
  listDatasets,
  log,
  readItem,
  status,
  switchTo,
} from '@dsv/core'
import { all, box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository

/** A file that no adapter would write like this. */
const ODD = '{"media":[],\n\n   "annotations":[ ]}'

beforeEach(async () => {
  tiny = await tinyRepository()
  tiny.item('train/a', [box('cat', 1.25)])
  tiny.item('train/b', [box('cat', 2), { ...box('dog', 300), score: 0.5 }])
  tiny.item('val/c', [{ type: 'label', category: 'dog' }])
  tiny.write('data/labels/val/odd.json', ODD)
  tiny.write('data/notes.txt', 'nobody claims this')
  await tiny.commit('pets')
})

afterEach(async () => tiny.close())

const text = (file: string): string => readFileSync(tiny.at(file), 'utf8')

async function formatAt(at: string): Promise<string | undefined> {
  return (await listDatasets(tiny.repository, { at }))[0]?.format
}

describe('checkoutFormat', () => {
  it('rewrites the files, reports what they do not show, and leaves the status clean', async () => {
    const [report] = await checkoutFormat(tiny.repository, { format: 'lossy' })
    expect(report).toMatchObject({ path: 'data', from: 'tiny', to: 'lossy', isRestored: false })
    expect(report?.losses.map(({ what, count }) => [what, count])).toEqual([
      ['annotation: label', 1],
      ['field: score', 1],
    ])
    expect(text('data/boxes/train/b.txt')).toBe('cat 2 0 10 10\ndog 300 0 10 10\n')
    expect(text('data/notes.txt')).toBe('nobody claims this')
    expect(existsSync(tiny.at('data/labels'))).toBe(false)
    expect(existsSync(tiny.at('data/tiny.json'))).toBe(false)
    const found = await status(tiny.repository)
    expect(isClean(found)).toBe(true)
    expect(found.formats.get('data')).toEqual({ format: 'lossy', variant: undefined })
  })

  it('comes back to the committed bytes', async () => {
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    const [report] = await checkoutFormat(tiny.repository, { format: 'tiny' })
    expect(report).toMatchObject({ from: 'lossy', to: 'tiny', losses: [], isRestored: true })
    expect(text('data/labels/val/odd.json')).toBe(ODD)
    expect(existsSync(tiny.at('data/boxes'))).toBe(false)
    const found = await status(tiny.repository)
    expect(isClean(found)).toBe(true)
    expect(found.formats.size).toBe(0)
  })

  it('does nothing where the format is there already', async () => {
    expect(await checkoutFormat(tiny.repository, { format: 'tiny' })).toEqual([])
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    expect(await checkoutFormat(tiny.repository, { format: 'lossy' })).toEqual([])
  })

  it('writes another variant of the same format', async () => {
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    await checkoutFormat(tiny.repository, { format: 'lossy', variant: 'loud' })
    expect(text('data/lossy.txt')).toBe('cat!\ndog!\n')
    expect(isClean(await status(tiny.repository))).toBe(true)
    await checkoutFormat(tiny.repository, { format: 'tiny' })
    expect(isClean(await status(tiny.repository))).toBe(true)
  })

  it('keeps the committed format when something else is committed', async () => {
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    tiny.write('other.txt', 'other')
    await add(tiny.repository, { paths: ['other.txt'] })
    await commit(tiny.repository, { message: 'other' })
    expect(await formatAt('HEAD')).toBe('tiny')
    expect(isClean(await status(tiny.repository))).toBe(true)
    const commits = await all(log(tiny.repository, { paths: ['data'] }))
    expect(commits.map(({ commit: { message } }) => message)).toEqual(['pets\n'])
    await expect(commit(tiny.repository, { message: 'nothing' })).rejects.toMatchObject({
      code: 'DSV_COMMIT_EMPTY',
    })
  })

  it('merges an edit of the new files without losing what they do not show', async () => {
    const key = { subset: 'train', id: 'b' }
    const before = await readItem(tiny.repository, { key })
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    writeFileSync(tiny.at('data/boxes/train/b.txt'), 'cat 4 0 10 10\ndog 300 0 10 10\n')
    await add(tiny.repository, { paths: ['data'] })

    const after = await readItem(tiny.repository, { key })
    const [cat, dog] = after.layers.ground_truth ?? []
    expect(cat).toMatchObject({ x: 4, uid: before.layers.ground_truth?.[0]?.uid })
    expect(dog).toEqual(before.layers.ground_truth?.[1])
    expect(after.media).toEqual(before.media)
    const untouched = await readItem(tiny.repository, { key: { subset: 'train', id: 'a' } })
    expect(untouched.layers.ground_truth?.[0]).toMatchObject({ x: 1.25 })
    const label = await readItem(tiny.repository, { key: { subset: 'val', id: 'c' } })
    expect(label.layers.ground_truth).toMatchObject([{ type: 'label' }])

    await commit(tiny.repository, { message: 'move the cat' })
    expect(isClean(await status(tiny.repository))).toBe(true)
    expect((await readItem(tiny.repository, { at: 'HEAD', key })).layers).toEqual(after.layers)
  })

  it('writes an edit that was made in one format into the files of another', async () => {
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    writeFileSync(tiny.at('data/boxes/train/b.txt'), 'cat 4 0 10 10\ndog 300 0 10 10\n')
    await add(tiny.repository, { paths: ['data'] })
    const [report] = await checkoutFormat(tiny.repository, { format: 'tiny' })
    expect(report).toMatchObject({ to: 'tiny', isRestored: false })
    expect(report?.losses).toEqual([])
    const { annotations } = JSON.parse(text('data/labels/train/b.json'))
    expect(annotations).toMatchObject([{ x: 4 }, { x: 300, score: 0.5 }])
    // Files that the edit does not touch are those that were committed.
    expect(text('data/labels/val/odd.json')).toBe(ODD)
    const found = await status(tiny.repository)
    expect(found.unstaged).toEqual([])
    expect(found.formats.size).toBe(0)
    await commit(tiny.repository, { message: 'by way of lossy' })
    expect(await formatAt('HEAD')).toBe('tiny')
  })

  it('brings items that were added and removed in one format into another', async () => {
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    tiny.write('data/boxes/val/new.txt', 'dog 7 0 10 10\n')
    tiny.write('data/images/val/new.png', 'new pixels')
    rmSync(tiny.at('data/boxes/train/a.txt'))
    rmSync(tiny.at('data/images/train/a.png'))
    await add(tiny.repository, { paths: ['data'] })
    await checkoutFormat(tiny.repository, { format: 'tiny' })
    expect(existsSync(tiny.at('data/labels/train/a.json'))).toBe(false)
    const { media, annotations } = JSON.parse(text('data/labels/val/new.json'))
    expect(annotations).toMatchObject([{ category: 'dog', x: 7 }])
    expect(text(`data/${media[0]}`)).toBe('new pixels')
    expect((await status(tiny.repository)).unstaged).toEqual([])
    await commit(tiny.repository, { message: 'by way of lossy' })
    expect(isClean(await status(tiny.repository))).toBe(true)
  })

  it('shows all again of what was committed in a format that shows less', async () => {
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    writeFileSync(tiny.at('data/boxes/train/a.txt'), 'dog 1 0 10 10\n')
    await add(tiny.repository, { paths: ['data'] })
    await commit(tiny.repository, { message: 'relabel' })
    expect(await formatAt('HEAD')).toBe('lossy')
    await checkoutFormat(tiny.repository, { format: 'tiny' })
    expect(isClean(await status(tiny.repository))).toBe(true)
    const { annotations } = JSON.parse(text('data/labels/train/b.json'))
    expect(annotations).toMatchObject([{ x: 2 }, { score: 0.5 }])
    tiny.item('train/a', [])
    await add(tiny.repository, { paths: ['data'] })
    const b = await readItem(tiny.repository, { key: { subset: 'train', id: 'b' } })
    expect(b.layers.ground_truth).toMatchObject([{ x: 2 }, { score: 0.5 }])
  })

  it('refuses while a file of the dataset is edited', async () => {
    tiny.write('data/labels/train/a.json', 'half an edit')
    await expect(checkoutFormat(tiny.repository, { format: 'lossy' })).rejects.toMatchObject({
      code: 'DSV_CHECKOUT_WOULD_OVERWRITE',
    })
    expect(text('data/labels/train/a.json')).toBe('half an edit')
    expect(existsSync(tiny.at('data/lossy.txt'))).toBe(false)
  })

  it('refuses when an untracked file is in the way', async () => {
    tiny.write('data/lossy.txt', 'mine')
    await expect(checkoutFormat(tiny.repository, { format: 'lossy' })).rejects.toMatchObject({
      code: 'DSV_CHECKOUT_WOULD_OVERWRITE',
    })
    expect(text('data/lossy.txt')).toBe('mine')
    expect(existsSync(tiny.at('data/tiny.json'))).toBe(true)
  })

  it('stays in the format over a switch', async () => {
    await checkoutFormat(tiny.repository, { format: 'lossy' })
    await switchTo(tiny.repository, { target: 'side', create: true })
    writeFileSync(tiny.at('data/boxes/train/a.txt'), 'dog 1 0 10 10\n')
    await add(tiny.repository, { paths: ['data'] })
    await commit(tiny.repository, { message: 'relabel' })
    await switchTo(tiny.repository, { target: 'main' })
    expect(isClean(await status(tiny.repository))).toBe(true)
    await switchTo(tiny.repository, { target: 'side' })
    expect(isClean(await status(tiny.repository))).toBe(true)
    expect(text('data/boxes/train/a.txt')).toBe('dog 1 0 10 10\n')
  })
})
