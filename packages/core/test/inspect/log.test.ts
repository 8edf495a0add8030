import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { add, commit, createTag, log, type LogRequest, merge, show, switchTo } from '@dsv/core'
import { all, box, tinyRepository, type TinyRepository } from '../tiny-repository.ts'

let tiny: TinyRepository

beforeEach(async () => {
  tiny = await tinyRepository()
})

afterEach(async () => tiny.close())

async function subjects(request: LogRequest = {}): Promise<string[]> {
  const entries = await all(log(tiny.repository, request))
  return entries.map(({ commit: { message } }) => message.trim())
}

/** Three labelling commits and one of a plain file. */
async function history(): Promise<void> {
  tiny.item('train/a', [box('cat', 0)])
  tiny.item('val/b', [box('dog', 0)])
  await tiny.commit('first')
  tiny.item('train/a', [box('cat', 5)])
  await tiny.commit('move the cat')
  tiny.write('notes/readme.md', 'hello')
  await tiny.commit('notes')
  tiny.item('val/b', [box('dog', 0), box('cat', 50)])
  await tiny.commit('a cat in b')
}

describe('log', () => {
  it('walks from HEAD, newest first, and says which refs stand where', async () => {
    await history()
    await createTag(tiny.repository, 'v1', { revision: 'HEAD~2', message: 'the first' })
    const entries = await all(log(tiny.repository))
    expect(entries.map(({ commit: { message } }) => message.trim())).toEqual([
      'a cat in b',
      'notes',
      'move the cat',
      'first',
    ])
    expect(entries.map(({ refs }) => refs)).toEqual([
      ['HEAD', 'refs/heads/main'],
      [],
      ['refs/tags/v1'],
      [],
    ])
  })

  it('refuses where there is no commit', async () => {
    await expect(subjects()).rejects.toMatchObject({ code: 'DSV_HISTORY_EMPTY' })
  })

  it('takes ranges', async () => {
    await history()
    expect(await subjects({ revisions: ['HEAD~2..HEAD'] })).toEqual(['a cat in b', 'notes'])
    expect(await subjects({ revisions: ['main', '^HEAD~1'] })).toEqual(['a cat in b'])
    expect(await subjects({ revisions: ['^HEAD~1'] })).toEqual(['a cat in b'])
  })

  it('finds the commits that changed a path', async () => {
    await history()
    expect(await subjects({ paths: ['notes'] })).toEqual(['notes'])
    expect(await subjects({ paths: ['notes/readme.md'] })).toEqual(['notes'])
    expect(await subjects({ paths: ['data/labels/train/a.json'] })).toEqual([
      'move the cat',
      'first',
    ])
    expect(await subjects({ paths: ['data'] })).toEqual(['a cat in b', 'move the cat', 'first'])
    expect(await subjects({ paths: ['data/labels/tr'] })).toEqual([])
    expect(await subjects({ paths: ['notes', 'data/labels/val'] })).toEqual([
      'a cat in b',
      'notes',
      'first',
    ])
  })

  it('finds the commits that changed an item or a dataset', async () => {
    await history()
    const item = { subset: 'train', id: 'a' }
    expect(await subjects({ dataset: 'data' })).toEqual(['a cat in b', 'move the cat', 'first'])
    expect(await subjects({ dataset: 'data', item })).toEqual(['move the cat', 'first'])
    expect(await subjects({ item: { subset: 'val', id: 'b' } })).toEqual(['a cat in b', 'first'])
    expect(await subjects({ dataset: 'other' })).toEqual([])
  })

  it('finds the commits that changed an annotation that matches a query', async () => {
    await history()
    expect(await subjects({ where: 'category = "cat"' })).toEqual([
      'a cat in b',
      'move the cat',
      'first',
    ])
    expect(await subjects({ where: 'category = "dog"' })).toEqual(['first'])
    expect(await subjects({ where: 'x = 0 and category = "cat"' })).toEqual([
      'move the cat',
      'first',
    ])
    expect(await subjects({ where: 'subset = "val"' })).toEqual(['a cat in b', 'first'])
    expect(await subjects({ where: 'category = "cat"', item: { subset: 'val', id: 'b' } })).toEqual(
      ['a cat in b'],
    )
    await expect(subjects({ where: 'category =' })).rejects.toMatchObject({
      code: 'DSV_QUERY_SYNTAX',
    })
  })

  it('finds by author, message, time and number', async () => {
    await history()
    tiny.write('by-bob', '')
    await add(tiny.repository, { paths: [''] })
    const author = { name: 'Bob', email: 'bob@example.org' }
    await commit(tiny.repository, { message: 'of Bob', author })
    expect(await subjects({ author: 'bob@' })).toEqual(['of Bob'])
    expect(await subjects({ grep: 'CAT', limit: 1 })).toEqual(['a cat in b'])
    const { timeSeconds } = (await show(tiny.repository, 'HEAD~2')).commit.committer
    expect(await subjects({ since: `@${timeSeconds}`, until: `@${timeSeconds}` })).toEqual([
      'notes',
    ])
    await expect(subjects({ since: 'the other day' })).rejects.toMatchObject({
      code: 'DSV_DATE_SYNTAX',
    })
  })

  it('finds what came in by a merge on the side where it was made', async () => {
    await history()
    await switchTo(tiny.repository, { target: 'side', create: true, start: 'HEAD~1' })
    tiny.item('train/a', [box('cat', 7)])
    await tiny.commit('on the side')
    await switchTo(tiny.repository, { target: 'main' })
    await merge(tiny.repository, { revision: 'side', message: 'merge side' })
    const item = { subset: 'train', id: 'a' }
    expect(await subjects({ item })).toEqual(['on the side', 'move the cat', 'first'])
    expect(await subjects({ firstParent: true })).toEqual([
      'merge side',
      'a cat in b',
      'notes',
      'move the cat',
      'first',
    ])
  })
})

describe('show', () => {
  it('shows what a commit changed from its first parent, and the tag that names it', async () => {
    await history()
    await createTag(tiny.repository, 'v1', { revision: 'HEAD~2', message: 'the first' })
    const shown = await show(tiny.repository, 'v1')
    expect(shown.tag?.message.trim()).toBe('the first')
    expect(shown.commit.message).toBe('move the cat\n')
    expect(shown.parentId).toBe(shown.commit.parents[0])
    const [dataset] = shown.difference.datasets
    if (dataset === undefined) throw new Error('no dataset differs')
    const [item] = await all(dataset.items())
    expect(item?.to).toEqual({ subset: 'train', id: 'a' })
    expect(item?.layers.get('ground_truth')?.changed).toHaveLength(1)
  })

  it('shows a first commit as all new', async () => {
    await history()
    const { difference, parentId, tag } = await show(tiny.repository, 'HEAD~3')
    expect(parentId).toBeUndefined()
    expect(tag).toBeUndefined()
    expect(difference.datasets.map(({ change }) => change)).toEqual(['added'])
  })
})
