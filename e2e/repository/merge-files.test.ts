import { add, commit, merge, resolve, status } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { expectStreet, ROOT } from './fork.ts'
import { expectAgreement } from './meaning.ts'
import { openWorkspace, type Workspace } from './open-workspace.ts'
import { movedBox, putStreet, STREET, type StreetFormat } from './street-dataset.ts'

type Files = Readonly<Record<string, string | undefined>>

/** Opens a workspace of plain files whose branches `main` and `other` differ. */
async function forkedFiles(base: Files, ours: Files, theirs: Files): Promise<Workspace> {
  const workspace = await openWorkspace()
  const save = async (files: Files, message: string): Promise<void> => {
    for (const [file, text] of Object.entries(files))
      if (text === undefined) await workspace.put(file, undefined)
    for (const [file, text] of Object.entries(files))
      if (text !== undefined) await workspace.put(file, text)
    await workspace.save(message)
  }
  await save({ 'keep.txt': 'keep', ...base }, 'base')
  await workspace.go('other', true)
  await save(theirs, 'theirs')
  await workspace.go('main')
  await save(ours, 'ours')
  return workspace
}

describe('merge of plain files', () => {
  it('takes files that one side changed, added or deleted', async () => {
    await using workspace = await forkedFiles(
      { 'a.txt': '1', 'b.txt': '1', 'c.txt': '1' },
      { 'a.txt': '2', 'new/ours.txt': 'o' },
      { 'b.txt': '3', 'c.txt': undefined, 'new/theirs.txt': 't' },
    )

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    expect(Object.keys(await workspace.files())).toEqual([
      'a.txt',
      'b.txt',
      'keep.txt',
      'new/ours.txt',
      'new/theirs.txt',
    ])
    expect(await workspace.text('a.txt')).toBe('2')
    expect(await workspace.text('b.txt')).toBe('3')
    await expectAgreement(workspace)
  })

  it.each([
    ['ours', '2'],
    ['theirs', '3'],
    ['base', '1'],
  ] as const)('asks when both changed one file, settled as %s', async (choice, text) => {
    await using workspace = await forkedFiles(
      { 'README.md': '1' },
      { 'README.md': '2' },
      { 'README.md': '3' },
    )

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result.conflicts).toMatchObject([{ kind: 'file', key: 'README.md' }])
    expect(await workspace.text('README.md')).toBe('2')
    await resolve(workspace.repository, { choice })
    expect(await workspace.text('README.md')).toBe(text)
    await expectAgreement(workspace)
    expect((await commit(workspace.repository, { message: 'm' })).commit.parents).toHaveLength(2)
  })

  it.each(['ours', 'theirs'] as const)(
    'asks when one deleted what the other changed, settled as %s',
    async (choice) => {
      await using workspace = await forkedFiles(
        { 'a.txt': '1', 'b.txt': '1' },
        { 'a.txt': undefined, 'b.txt': '2' },
        { 'a.txt': '3', 'b.txt': undefined },
      )

      const result = await merge(workspace.repository, { revision: 'other' })

      expect(result.conflicts).toMatchObject([{ key: 'a.txt' }, { key: 'b.txt' }])
      expect(await workspace.text('b.txt')).toBe('2')
      await resolve(workspace.repository, { choice })
      expect(await workspace.text('a.txt')).toBe(choice === 'ours' ? undefined : '3')
      expect(await workspace.text('b.txt')).toBe(choice === 'ours' ? '2' : undefined)
      await expectAgreement(workspace)
    },
  )

  it.each([
    ['file', { x: 'file' }, { 'x/y.txt': 'inside' }],
    ['folder', { 'x/y.txt': 'inside' }, { x: 'file' }],
  ])('asks when ours made a %s and theirs the other', async (_, ours, theirs) => {
    await using workspace = await forkedFiles({}, ours, theirs)
    const before = await workspace.files()

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result.type).toBe('conflicts')
    expect(await workspace.files()).toEqual(before)
    await expectAgreement(workspace)
    await resolve(workspace.repository, { choice: 'theirs' })
    const [file] = Object.entries(theirs)
    expect(await workspace.text(file?.[0] ?? '')).toBe(file?.[1])
    await expectAgreement(workspace)
    await commit(workspace.repository, { message: 'merge' })
    expect((await status(workspace.repository)).conflicts).toEqual([])
  })

  it('keeps a file of a dataset that no adapter claims, in conflict', async () => {
    await using workspace = await openWorkspace()
    await putStreet(workspace, ROOT, 'coco', STREET)
    await workspace.put(`${ROOT}/notes.md`, '1')
    await workspace.save('base')
    await workspace.go('other', true)
    await workspace.put(`${ROOT}/notes.md`, '3')
    await putStreet(workspace, ROOT, 'coco', movedBox(STREET, 2, [30, 8, 16, 8]))
    await workspace.save('theirs')
    await workspace.go('main')
    await workspace.put(`${ROOT}/notes.md`, '2')
    await putStreet(workspace, ROOT, 'coco', movedBox(STREET, 1, [3, 5, 8, 8]))
    await workspace.save('ours')

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result.conflicts).toMatchObject([{ kind: 'file', key: `${ROOT}/notes.md` }])
    await resolve(workspace.repository, { choice: 'theirs' })
    expect(await workspace.text(`${ROOT}/notes.md`)).toBe('3')
    const expected = movedBox(movedBox(STREET, 1, [3, 5, 8, 8]), 2, [30, 8, 16, 8])
    await expectStreet(workspace, 'coco', expected)
    await expectAgreement(workspace)
  })
})

describe.each(['coco', 'voc', 'yolo'] as const)('merge of whole datasets in %s', (format) => {
  const [ours, theirs] = [movedBox(STREET, 1, [3, 5, 8, 8]), movedBox(STREET, 2, [30, 8, 16, 8])]

  it('takes a dataset that theirs added', async () => {
    await using workspace = await forkedFiles({}, { 'a.txt': 'a' }, { 'b.txt': 'b' })
    await workspace.go('other')
    await addStreet(workspace, format, STREET, 'dataset')
    await workspace.go('main')

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, STREET)
    await expectAgreement(workspace)
  })

  it('joins a dataset that both added, box by box', async () => {
    await using workspace = await forkedFiles({}, { 'a.txt': 'a' }, { 'b.txt': 'b' })
    const bus = { id: 6, label: 'car', box: [40, 40, 8, 8] } as const
    const more = { ...STREET, images: STREET.images.map((image) => ({ ...image })) }
    await workspace.go('other')
    await addStreet(workspace, format, withCar(more, bus), 'theirs')
    await workspace.go('main')
    await addStreet(workspace, format, STREET, 'ours')

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result).toMatchObject({ type: 'merged', conflicts: [] })
    await expectStreet(workspace, format, withCar(more, bus))
    await expectAgreement(workspace)
  })

  it.each(['ours', 'theirs'] as const)(
    'asks when ours deleted a dataset that theirs changed, settled as %s',
    async (choice) => {
      await using workspace = await forkedFiles({}, { 'a.txt': 'a' }, { 'b.txt': 'b' })
      await addStreet(workspace, format, STREET, 'dataset')
      await workspace.go('third', true)
      await addStreet(workspace, format, theirs, 'theirs')
      await workspace.go('main')
      await workspace.put(ROOT, undefined)
      await workspace.save('ours')

      const result = await merge(workspace.repository, { revision: 'third' })

      expect(result.conflicts).toMatchObject([{ kind: 'file', key: ROOT, fields: ['dataset'] }])
      await expectAgreement(workspace)
      await resolve(workspace.repository, { choice })
      await expectStreet(workspace, format, choice === 'theirs' ? theirs : undefined)
      await expectAgreement(workspace)
      await commit(workspace.repository, { message: 'merge' })
      await expectAgreement(workspace)
    },
  )

  it.each(['ours', 'theirs'] as const)(
    'asks when theirs deleted a dataset that ours changed, settled as %s',
    async (choice) => {
      await using workspace = await forkedFiles({}, { 'a.txt': 'a' }, { 'b.txt': 'b' })
      await addStreet(workspace, format, STREET, 'dataset')
      await workspace.go('third', true)
      await workspace.put(ROOT, undefined)
      await workspace.save('theirs')
      await workspace.go('main')
      await addStreet(workspace, format, ours, 'ours')

      const result = await merge(workspace.repository, { revision: 'third' })

      expect(result.conflicts).toMatchObject([{ kind: 'file', key: ROOT, fields: ['dataset'] }])
      await expectStreet(workspace, format, ours)
      await expectAgreement(workspace)
      await resolve(workspace.repository, { choice })
      await expectStreet(workspace, format, choice === 'ours' ? ours : undefined)
      await expectAgreement(workspace)
    },
  )

  it('keeps our format when theirs committed the dataset in another one', async () => {
    await using workspace = await openWorkspace()
    await addStreet(workspace, format, STREET, 'base')
    await workspace.go('other', true)
    const second = format === 'voc' ? 'coco' : 'voc'
    await putStreet(workspace, ROOT, second, theirs)
    await add(workspace.repository, { paths: [ROOT], format: second })
    await workspace.save('theirs')
    await workspace.go('main')
    await addStreet(workspace, format, ours, 'ours')

    const result = await merge(workspace.repository, { revision: 'other' })

    expect(result.conflicts).toEqual([])
    const { stage } = (await workspace.repository.state()).work
    const expected = movedBox(ours, 2, [30, 8, 16, 8])
    await expectStreet(workspace, format, expected)
    expect(stage.datasets.size).toBe(1)
    const { unstaged, untracked } = await status(workspace.repository)
    expect({ unstaged, untracked }).toEqual({ unstaged: [], untracked: [] })
  })
})

function withCar(street: typeof STREET, box: (typeof STREET)['images'][number]['boxes'][number]) {
  const [first, ...rest] = street.images
  return first === undefined
    ? street
    : { ...street, images: [{ ...first, boxes: [...first.boxes, box] }, ...rest] }
}

async function addStreet(
  workspace: Workspace,
  format: StreetFormat,
  street: typeof STREET,
  message: string,
): Promise<void> {
  await putStreet(workspace, ROOT, format, street)
  await add(workspace.repository, { paths: [ROOT], format })
  await workspace.save(message)
}
