import { merge, resolve } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { expectStreet, forked, linesNow } from './fork.ts'
import { expectAgreement, linesOfStreet } from './meaning.ts'
import {
  minusLabel,
  movedBox,
  plusBox,
  plusLabel,
  renamedLabel,
  STREET,
  type StreetFormat,
  withBox,
} from './street-dataset.ts'

const FORMATS: readonly StreetFormat[] = ['coco', 'voc', 'yolo']
const BUS = { id: 6, label: 'bus', box: [40, 40, 8, 8] } as const
const TRAM = { id: 7, label: 'tram', box: [0, 32, 8, 8] } as const

describe.each(FORMATS)('merge of categories in %s', (format) => {
  it('takes a renamed category to boxes that the other side added or moved', async () => {
    // Without ids a rename is a new category, so VOC is left out.
    if (format === 'voc') return
    const car = { id: 6, label: 'car', box: [40, 40, 8, 8] } as const
    const theirs = movedBox(plusBox(STREET, 'market', car), 3, [5, 41, 8, 16])
    await using workspace = await forked(format, {
      ours: renamedLabel(STREET, 'car', 'sedan'),
      theirs,
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = renamedLabel(theirs, 'car', 'sedan')
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('takes a renamed category from the other side', async () => {
    if (format === 'voc') return
    const ours = movedBox(STREET, 3, [5, 41, 8, 16])
    await using workspace = await forked(format, {
      ours,
      theirs: renamedLabel(STREET, 'car', 'sedan'),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = renamedLabel(ours, 'car', 'sedan')
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('keeps the categories that both sides added under one id', async () => {
    const ours = plusBox(plusLabel(STREET, 'bus', 4), 'crossing', BUS)
    await using workspace = await forked(format, {
      ours,
      theirs: plusBox(plusLabel(STREET, 'tram', 4), 'market', TRAM),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = plusBox(plusLabel(ours, 'tram', 5), 'market', TRAM)
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('makes one of a category that both sides added', async () => {
    const ours = plusBox(plusLabel(STREET, 'bus', 4), 'crossing', BUS)
    const box = { ...BUS, id: 7 }
    await using workspace = await forked(format, {
      ours,
      theirs: plusBox(plusLabel(STREET, 'bus', 4), 'market', box),
    })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = plusBox(ours, 'market', box)
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it('keeps a category that one side deleted and the other used anew', async () => {
    const ours = minusLabel(STREET, 'van')
    const van = { id: 6, label: 'van', box: [40, 40, 8, 8] } as const
    await using workspace = await forked(format, { ours, theirs: plusBox(STREET, 'harbour', van) })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = withBox(plusBox(STREET, 'harbour', van), 4, () => undefined)
    await expectStreet(workspace, format, expected)
    await expectAgreement(workspace)
  })

  it('drops a category that one side deleted and the other did not touch', async () => {
    const ours = movedBox(STREET, 1, [3, 5, 8, 8])
    await using workspace = await forked(format, { ours, theirs: minusLabel(STREET, 'van') })

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    const expected = minusLabel(ours, 'van')
    expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
    await expectAgreement(workspace)
  })

  it.each(['ours', 'theirs', 'base'] as const)(
    'asks when both sides renamed one category, settled as %s',
    async (choice) => {
      if (format === 'voc') return
      const ours = renamedLabel(movedBox(STREET, 1, [3, 5, 8, 8]), 'car', 'sedan')
      await using workspace = await forked(format, {
        ours,
        theirs: renamedLabel(STREET, 'car', 'auto'),
      })

      const result = await merge(workspace.repository, { revision: 'other' })

      expect(result.conflicts).toMatchObject([{ kind: 'schema', part: 'category', key: 'car' }])
      expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, ours))
      await expectAgreement(workspace)
      await resolve(workspace.repository, { choice })
      const name = { ours: 'sedan', theirs: 'auto', base: 'car' }[choice]
      const expected = renamedLabel(ours, 'sedan', name)
      expect(await linesNow(workspace, format)).toEqual(await linesOfStreet(format, expected))
      await expectAgreement(workspace)
    },
  )
})
