import { commit, merge, resolve } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { expectStreet, forked } from './fork.ts'
import { expectAgreement } from './meaning.ts'
import {
  movedBox,
  plusBox,
  plusImage,
  type Street,
  STREET,
  type StreetFormat,
  type StreetImage,
  withImage,
} from './street-dataset.ts'

const FORMATS: readonly StreetFormat[] = ['coco', 'voc', 'yolo']
const BRIDGE: StreetImage = {
  id: 9,
  name: 'bridge',
  subset: 'train',
  grey: 40,
  boxes: [{ id: 20, label: 'car', box: [16, 16, 8, 8] }],
}
const movedTo = (street: Street, name: string, subset: string): Street =>
  withImage(street, name, (image) => ({ ...image, subset }))
const repainted = (street: Street, name: string, grey: number): Street =>
  withImage(street, name, (image) => ({ ...image, grey }))
const without = (street: Street, name: string): Street => withImage(street, name, () => undefined)

describe.each(FORMATS)('merge of images in %s', (format) => {
  it.each([
    ['an image that ours deleted', without(STREET, 'market'), STREET],
    ['an image that theirs deleted', STREET, without(STREET, 'market')],
    ['an image that both deleted', without(STREET, 'market'), without(STREET, 'market')],
  ])('drops %s', async (_, left, right) => {
    await using workspace = await forked(format, {
      ours: movedBox(left, 1, [3, 5, 8, 8]),
      theirs: movedBox(right, 5, [17, 16, 32, 32]),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = without(
      movedBox(movedBox(STREET, 1, [3, 5, 8, 8]), 5, [17, 16, 32, 32]),
      'market',
    )
    await expectStreet(workspace, format, expected)
    await expectAgreement(workspace)
  })

  it.each(['ours', 'theirs', 'base', 'both'] as const)(
    'asks when ours deleted an image that theirs changed, settled as %s',
    async (choice) => {
      const ours = movedBox(without(STREET, 'market'), 1, [3, 5, 8, 8])
      const theirs = movedBox(STREET, 4, [9, 9, 16, 16])
      await using workspace = await forked(format, { ours, theirs })
      const { repository } = workspace

      const result = await merge(repository, { revision: 'other' })

      expect(result.conflicts).toMatchObject([{ kind: 'item', fields: [], ours: null }])
      await expectStreet(workspace, format, ours)
      await expectAgreement(workspace)
      await resolve(repository, { choice })
      const changed = movedBox(theirs, 1, [3, 5, 8, 8])
      const expected = {
        ours,
        theirs: changed,
        both: changed,
        base: movedBox(STREET, 1, [3, 5, 8, 8]),
      }[choice]
      await expectStreet(workspace, format, expected)
      await expectAgreement(workspace)
      await commit(repository, { message: 'merge' })
      await expectAgreement(workspace)
    },
  )

  it.each(['ours', 'theirs'] as const)(
    'asks when theirs deleted an image that ours changed, settled as %s',
    async (choice) => {
      const ours = movedBox(STREET, 4, [9, 9, 16, 16])
      const theirs = movedBox(without(STREET, 'market'), 1, [3, 5, 8, 8])
      await using workspace = await forked(format, { ours, theirs })
      const { repository } = workspace

      const result = await merge(repository, { revision: 'other' })

      expect(result.conflicts).toMatchObject([{ kind: 'item', fields: [], theirs: null }])
      const merged = movedBox(ours, 1, [3, 5, 8, 8])
      await expectStreet(workspace, format, merged)
      await expectAgreement(workspace)
      await resolve(repository, { choice })
      const expected = choice === 'ours' ? merged : theirs
      await expectStreet(workspace, format, expected)
      await expectAgreement(workspace)
    },
  )

  it('makes one of an image that both added alike', async () => {
    const ours = plusImage(movedBox(STREET, 1, [3, 5, 8, 8]), BRIDGE)
    await using workspace = await forked(format, { ours, theirs: plusImage(STREET, BRIDGE) })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, ours)
    await expectAgreement(workspace)
  })

  it('joins the boxes of an image that both added', async () => {
    const box = { id: 21, label: 'dog', box: [40, 40, 8, 8] } as const
    const ours = plusImage(STREET, BRIDGE)
    const theirs = plusImage(STREET, { ...BRIDGE, boxes: [box] })
    await using workspace = await forked(format, { ours, theirs })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = plusBox(ours, 'bridge', box)
    await expectStreet(workspace, format, expected)
    await expectAgreement(workspace)
  })

  it('keeps different images that both added under one id', async () => {
    const pier = { ...BRIDGE, name: 'pier', grey: 50 }
    const ours = plusImage(STREET, BRIDGE)
    await using workspace = await forked(format, { ours, theirs: plusImage(STREET, pier) })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = plusImage(ours, {
      ...pier,
      id: 10,
      boxes: BRIDGE.boxes.map((box) => ({ ...box, id: 21 })),
    })
    await expectStreet(workspace, format, expected)
    await expectAgreement(workspace)
  })

  it.each(['ours', 'theirs'] as const)(
    'asks when both added an image of one name with other pixels, settled as %s',
    async (choice) => {
      const ours = plusImage(STREET, BRIDGE)
      const theirs = plusImage(STREET, { ...BRIDGE, grey: 50 })
      await using workspace = await forked(format, { ours, theirs })
      const { repository } = workspace

      const result = await merge(repository, { revision: 'other' })

      expect(result.conflicts).toMatchObject([{ kind: 'media', key: { id: 'bridge' } }])
      await expectStreet(workspace, format, ours)
      await expectAgreement(workspace)
      await resolve(repository, { choice })
      const expected = choice === 'ours' ? ours : theirs
      await expectStreet(workspace, format, expected)
      await expectAgreement(workspace)
    },
  )

  it.each(['ours', 'theirs'] as const)(
    'takes an image to the subset that %s moved it to, with the boxes of the other side',
    async (mover) => {
      const moved = movedTo(STREET, 'crossing', 'val')
      const edited = movedBox(STREET, 1, [3, 5, 8, 8])
      await using workspace = await forked(
        format,
        mover === 'ours' ? { ours: moved, theirs: edited } : { ours: edited, theirs: moved },
      )

      const result = await merge(workspace.repository, { revision: 'other' })

      expect(result).toMatchObject({ type: 'merged', conflicts: [] })
      const expected = movedTo(edited, 'crossing', 'val')
      await expectStreet(workspace, format, expected)
      await expectAgreement(workspace)
    },
  )

  it.each(['ours', 'theirs'] as const)(
    'asks when both moved an image to different subsets, settled as %s',
    async (choice) => {
      const theirs = movedTo(movedBox(STREET, 1, [3, 5, 8, 8]), 'crossing', 'test')
      await using workspace = await forked(format, {
        ours: movedTo(STREET, 'crossing', 'val'),
        theirs,
      })
      const { repository } = workspace

      const result = await merge(repository, { revision: 'other' })

      expect(result.conflicts).toMatchObject([{ kind: 'item', fields: ['subset'] }])
      const merged = movedTo(theirs, 'crossing', 'val')
      await expectStreet(workspace, format, merged)
      await expectAgreement(workspace)
      await resolve(repository, { choice })
      const expected = choice === 'ours' ? merged : theirs
      await expectStreet(workspace, format, expected)
      await expectAgreement(workspace)
    },
  )

  it.each(['ours', 'theirs'] as const)(
    'keeps pixels that %s replaced, with the boxes of the other side',
    async (painter) => {
      const [painted, edited] = [
        repainted(STREET, 'crossing', 99),
        movedBox(STREET, 1, [3, 5, 8, 8]),
      ]
      await using workspace = await forked(
        format,
        painter === 'ours' ? { ours: painted, theirs: edited } : { ours: edited, theirs: painted },
      )

      const result = await merge(workspace.repository, { revision: 'other' })

      expect(result).toMatchObject({ type: 'merged', conflicts: [] })
      const expected = repainted(edited, 'crossing', 99)
      await expectStreet(workspace, format, expected)
      await expectAgreement(workspace)
    },
  )

  it.each(['ours', 'theirs', 'base'] as const)(
    'asks when both replaced the pixels, settled as %s',
    async (choice) => {
      const ours = movedBox(repainted(STREET, 'crossing', 98), 1, [3, 5, 8, 8])
      await using workspace = await forked(format, {
        ours,
        theirs: movedBox(repainted(STREET, 'crossing', 99), 2, [30, 8, 16, 8]),
      })
      const { repository } = workspace

      const result = await merge(repository, { revision: 'other' })

      expect(result.conflicts).toMatchObject([{ kind: 'media', key: { id: 'crossing' } }])
      const merged = movedBox(ours, 2, [30, 8, 16, 8])
      await expectStreet(workspace, format, merged)
      await expectAgreement(workspace)
      await resolve(repository, { choice })
      const grey = { ours: 98, theirs: 99, base: 10 }[choice]
      const expected = repainted(merged, 'crossing', grey)
      await expectStreet(workspace, format, expected)
      await expectAgreement(workspace)
    },
  )

  it('keeps an image that one side renamed beside what the other side did elsewhere', async () => {
    const ours = withImage(STREET, 'market', (image) => ({ ...image, name: 'bazaar' }))
    await using workspace = await forked(format, {
      ours,
      theirs: movedBox(STREET, 1, [3, 5, 8, 8]),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = movedBox(ours, 1, [3, 5, 8, 8])
    await expectStreet(workspace, format, expected)
    await expectAgreement(workspace)
  })

  it('takes the boxes of the other side to an image that one side renamed', async () => {
    const ours = withImage(STREET, 'market', (image) => ({ ...image, name: 'bazaar' }))
    await using workspace = await forked(format, {
      ours,
      theirs: movedBox(STREET, 4, [9, 9, 16, 16]),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = movedBox(ours, 4, [9, 9, 16, 16])
    await expectStreet(workspace, format, expected)
    await expectAgreement(workspace)
  })
})
