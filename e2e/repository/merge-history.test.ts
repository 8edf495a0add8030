import {
  abortMerge,
  add,
  cherryPick,
  commit,
  merge,
  resolve,
  revert,
  status,
  undo,
} from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { expectStreet, forked, ROOT, saveStreet } from './fork.ts'
import { expectAgreement } from './meaning.ts'
import { movedBox, plusBox, putStreet, STREET, type StreetFormat } from './street-dataset.ts'

const FORMATS: readonly StreetFormat[] = ['coco', 'voc', 'yolo']
const OURS = movedBox(STREET, 1, [3, 5, 8, 8])
const THEIRS = movedBox(STREET, 2, [30, 8, 16, 8])
const BOTH = movedBox(OURS, 2, [30, 8, 16, 8])

describe.each(FORMATS)('histories in %s', (format) => {
  it('merges branches that crossed, with two merge bases', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    const { repository } = workspace
    const main = (await repository.state()).headCommit ?? ''
    await merge(repository, { revision: 'other' })
    await workspace.go('other')
    await merge(repository, { revision: main })
    await expectStreet(workspace, format, BOTH)
    const right = movedBox(BOTH, 5, [17, 17, 32, 32])
    await saveStreet(workspace, format, right, 'right')
    await workspace.go('main')
    const dog = { id: 8, label: 'dog', box: [0, 56, 8, 8] } as const
    const left = plusBox(movedBox(BOTH, 1, [4, 6, 8, 8]), 'crossing', dog)
    await saveStreet(workspace, format, left, 'left')

    const result = await merge(repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, movedBox(left, 5, [17, 17, 32, 32]))
    await expectAgreement(workspace)
  })

  it('asks when crossed branches settled one conflict differently', async () => {
    const other = movedBox(STREET, 1, [6, 9, 8, 8])
    await using workspace = await forked(format, { ours: OURS, theirs: other })
    const { repository } = workspace
    const main = (await repository.state()).headCommit ?? ''
    await merge(repository, { revision: 'other' })
    await resolve(repository, { choice: 'ours' })
    await commit(repository, { message: 'ours' })
    await workspace.go('other')
    await merge(repository, { revision: main })
    await resolve(repository, { choice: 'ours' })
    await commit(repository, { message: 'theirs' })
    await workspace.go('main')

    const result = await merge(repository, { revision: 'other' })

    expect(result.conflicts.length).toBeLessThanOrEqual(1)
    await expectAgreement(workspace)
  })

  it('takes back a merge, and takes that back', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    const { repository } = workspace
    const { commitId = '' } = await merge(repository, { revision: 'other' })

    await expect(revert(repository, { revision: commitId })).rejects.toMatchObject({
      code: 'DSV_MAINLINE_INVALID',
    })
    const back = await revert(repository, { revision: commitId, mainline: 1 })

    expect(back).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, OURS)
    await expectAgreement(workspace)
    const again = await revert(repository, { revision: 'HEAD' })
    expect(again).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, BOTH)
    await expectAgreement(workspace)
    const other = await revert(repository, { revision: commitId, mainline: 2 })
    expect(other.conflicts).toEqual([])
    await expectStreet(workspace, format, THEIRS)
    await expectAgreement(workspace)
  })

  it('picks one commit of another branch', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    const { repository } = workspace
    await workspace.go('other')
    await saveStreet(workspace, format, movedBox(THEIRS, 4, [9, 9, 16, 16]), 'pick me')
    await workspace.go('main')

    const result = await cherryPick(repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, movedBox(OURS, 4, [9, 9, 16, 16]))
    await expectAgreement(workspace)
    const { headCommit } = await repository.state()
    if (headCommit === undefined) throw new Error('Nothing was committed')
    const made = await repository.commit(headCommit)
    expect(made.parents).toHaveLength(1)
    expect(made.message).toBe('pick me\n')
  })

  it('settles the conflict of a picked commit', async () => {
    const theirs = movedBox(STREET, 1, [6, 9, 8, 8])
    await using workspace = await forked(format, { ours: OURS, theirs })
    const { repository } = workspace

    const result = await cherryPick(repository, { revision: 'other' })

    expect(result.conflicts).toHaveLength(1)
    await expectAgreement(workspace)
    await resolve(repository, { choice: 'theirs' })
    const { commit: made } = await commit(repository, { message: 'picked' })
    expect(made.parents).toHaveLength(1)
    await expectStreet(workspace, format, theirs)
    await expectAgreement(workspace)
  })
})

describe.each(FORMATS)('merge of %s and what is not committed', (format) => {
  it('is refused while something is staged', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    await putStreet(workspace, ROOT, format, movedBox(OURS, 5, [17, 17, 32, 32]))
    await add(workspace.repository, { paths: [''] })
    const before = await workspace.files()

    await expect(merge(workspace.repository, { revision: 'other' })).rejects.toMatchObject({
      code: 'DSV_STAGE_NOT_CLEAN',
    })
    expect(await workspace.files()).toEqual(before)
  })

  it('is refused when it would write over local edits, and loses nothing', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    await putStreet(workspace, ROOT, format, movedBox(OURS, 3, [5, 41, 8, 16]))
    const before = await workspace.files()
    const state = await workspace.repository.state()

    await expect(merge(workspace.repository, { revision: 'other' })).rejects.toMatchObject({
      code: 'DSV_CHECKOUT_WOULD_OVERWRITE',
    })
    expect(await workspace.files()).toEqual(before)
    expect(await workspace.repository.state()).toEqual(state)
  })

  it('leaves local edits of other files alone', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    await workspace.put('README.md', 'edited')

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result.type).toBe('merged')
    expect(await workspace.text('README.md')).toBe('edited')
    await expectStreet(workspace, format, BOTH)
  })

  it('is given up', async () => {
    const theirs = movedBox(THEIRS, 1, [6, 9, 8, 8])
    await using workspace = await forked(format, { ours: OURS, theirs })
    const before = await workspace.files()
    await merge(workspace.repository, { revision: 'other' })
    await resolve(workspace.repository, { choice: 'both' })

    expect(await abortMerge(workspace.repository)).toBe('merge')

    expect(await workspace.files()).toEqual(before)
    expect((await status(workspace.repository)).merge).toBeUndefined()
    await expectAgreement(workspace)
  })

  it.each(['ours', 'theirs'] as const)('asks nothing when %s is favoured', async (favour) => {
    const theirs = movedBox(THEIRS, 1, [6, 9, 8, 8])
    await using workspace = await forked(format, { ours: OURS, theirs })

    const result = await merge(workspace.repository, { revision: 'other', favour })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, favour === 'ours' ? BOTH : theirs)
    await expectAgreement(workspace)
  })

  it('moves forward, and has nothing to do then', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    await workspace.go('third', true)
    await saveStreet(workspace, format, BOTH, 'third')
    await workspace.go('main')

    expect(await merge(workspace.repository, { revision: 'third' })).toMatchObject({
      type: 'fast-forward',
    })
    await expectStreet(workspace, format, BOTH)
    await expectAgreement(workspace)
    expect(await merge(workspace.repository, { revision: 'third' })).toMatchObject({
      type: 'up-to-date',
    })
    await expect(
      merge(workspace.repository, { revision: 'other', ffOnly: true }),
    ).rejects.toMatchObject({ code: 'DSV_BRANCH_DIVERGED' })
  })

  it('is undone as a whole', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })
    const before = await workspace.files()
    const { headCommit } = await workspace.repository.state()
    await merge(workspace.repository, { revision: 'other' })

    await undo(workspace.repository)

    expect(await workspace.files()).toEqual(before)
    expect((await workspace.repository.state()).headCommit).toBe(headCommit)
    await expectAgreement(workspace)
  })

  it('stops before the commit when asked', async () => {
    await using workspace = await forked(format, { ours: OURS, theirs: THEIRS })

    const result = await merge(workspace.repository, { revision: 'other', noCommit: true })

    expect(result.type).toBe('staged')
    await expectStreet(workspace, format, BOTH)
    await expectAgreement(workspace)
    const { commit: made } = await commit(workspace.repository, { message: 'merge' })
    expect(made.parents).toHaveLength(2)
  })
})
