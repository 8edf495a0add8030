import { commit, merge, resolve, status } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { forked, linesNow } from './fork.ts'
import { expectAgreement, linesOfStreet } from './meaning.ts'
import {
  movedBox,
  plusBox,
  plusImage,
  STREET,
  type StreetFormat,
  withBox,
  withImage,
} from './street-dataset.ts'

const FORMATS: readonly StreetFormat[] = ['coco', 'voc', 'yolo']

describe.each(FORMATS)('merge of boxes in %s', (format) => {
  it('joins edits of different boxes of one image', async () => {
    await using workspace = await forked(format, {
      ours: movedBox(STREET, 1, [3, 5, 8, 8]),
      theirs: movedBox(STREET, 2, [30, 8, 16, 8]),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [], losses: [] })
    const expected = movedBox(movedBox(STREET, 1, [3, 5, 8, 8]), 2, [30, 8, 16, 8])
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('joins edits of different images, new and deleted boxes', async () => {
    const dog = { id: 6, label: 'dog', box: [40, 40, 8, 8] } as const
    await using workspace = await forked(format, {
      ours: plusBox(movedBox(STREET, 1, [3, 5, 8, 8]), 'crossing', dog),
      theirs: withBox(movedBox(STREET, 4, [9, 9, 16, 16]), 3, () => undefined),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [], losses: [] })
    const expected = withBox(
      plusBox(movedBox(movedBox(STREET, 1, [3, 5, 8, 8]), 4, [9, 9, 16, 16]), 'crossing', dog),
      3,
      () => undefined,
    )
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('keeps a field that one side changed beside a field that the other changed', async () => {
    await using workspace = await forked(format, {
      ours: movedBox(STREET, 1, [3, 5, 8, 8]),
      theirs: withBox(STREET, 1, (box) => ({ ...box, label: 'van' })),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = withBox(STREET, 1, (box) => ({ ...box, label: 'van', box: [3, 5, 8, 8] }))
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('makes one of twins that both sides added', async () => {
    const twin = { id: 6, label: 'dog', box: [40, 40, 8, 8] } as const
    await using workspace = await forked(format, {
      ours: plusBox(STREET, 'crossing', twin),
      theirs: plusBox(STREET, 'crossing', { ...twin, id: 7 }),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = plusBox(STREET, 'crossing', twin)
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('keeps two different boxes that both sides added', async () => {
    const [mine, yours] = [
      { id: 6, label: 'dog', box: [40, 40, 8, 8] },
      { id: 6, label: 'car', box: [0, 0, 4, 4] },
    ] as const
    await using workspace = await forked(format, {
      ours: plusBox(STREET, 'crossing', mine),
      theirs: plusBox(STREET, 'market', yours),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = plusBox(plusBox(STREET, 'crossing', mine), 'market', { ...yours, id: 7 })
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })
})

describe.each(FORMATS)('conflict of one box in %s', (format) => {
  const [left, right] = [
    [3, 5, 8, 8],
    [6, 9, 8, 8],
  ] as const
  const ours = movedBox(STREET, 1, left)
  const theirs = movedBox(movedBox(STREET, 1, right), 2, [30, 8, 16, 8])
  const rest = movedBox(STREET, 2, [30, 8, 16, 8])
  const added = { id: 6, label: 'car', box: right } as const

  it.each([
    ['ours', movedBox(rest, 1, left)],
    ['theirs', theirs],
    ['base', rest],
    ['both', plusBox(movedBox(rest, 1, left), 'crossing', added)],
  ] as const)('is settled as %s and finished by a commit', async (choice, expected) => {
    await using workspace = await forked(format, { ours, theirs })
    const { repository } = workspace

    const result = await merge(repository, { revision: 'other' })

    expect(result.type).toBe('conflicts')
    expect(result.conflicts).toMatchObject([
      { kind: 'annotation', key: { subset: 'train', id: 'crossing' }, fields: ['geometry'] },
    ])
    expect(await linesNow(workspace, format)).toEqual(
      await linesOfStreet(format, movedBox(rest, 1, left)),
    )
    await expectAgreement(workspace)
    await expect(commit(repository, { message: 'merge' })).rejects.toMatchObject({
      code: 'DSV_CONFLICTS_OPEN',
    })
    expect(await resolve(repository, { choice })).toMatchObject({ left: [] })
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
    const { commit: made } = await commit(repository, { message: 'merge' })
    expect(made.parents).toHaveLength(2)
    expect((await status(repository)).merge).toBeUndefined()
    await expectAgreement(workspace)
  })

  it('leaves other images as they were merged', async () => {
    const kept = withImage(theirs, 'market', () => undefined)
    await using workspace = await forked(format, {
      ours,
      theirs: plusImage(kept, { id: 9, name: 'bridge', subset: 'val', grey: 40, boxes: [] }),
    })

    await merge(workspace.repository, { revision: 'other' })

    const expected = plusImage(
      withImage(movedBox(rest, 1, left), 'market', () => undefined),
      { id: 9, name: 'bridge', subset: 'val', grey: 40, boxes: [] },
    )
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })
})
