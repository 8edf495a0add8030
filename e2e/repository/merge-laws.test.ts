import { merge, undo } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { expectStreet, type Fork, forked, linesNow } from './fork.ts'
import { expectAgreement } from './meaning.ts'
import {
  plusBox,
  plusImage,
  type Street,
  STREET,
  type StreetFormat,
  withBox,
  withImage,
} from './street-dataset.ts'

/** One thing that a person does to a dataset. */
type Edit =
  | { readonly type: 'move'; readonly id: number; readonly by: number }
  | { readonly type: 'relabel'; readonly id: number; readonly label: string }
  | { readonly type: 'delete'; readonly id: number }
  | { readonly type: 'add'; readonly name: string; readonly corner: number }
  | { readonly type: 'paint'; readonly name: string; readonly grey: number }
  | { readonly type: 'new-image'; readonly name: string; readonly subset: string }
  | { readonly type: 'drop-image'; readonly name: string }
  | { readonly type: 'move-image'; readonly name: string; readonly subset: string }

const names = fc.constantFrom('crossing', 'market', 'harbour')
const ids = fc.integer({ min: 1, max: 5 })
const subsets = fc.constantFrom('train', 'val')

const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ type: fc.constant('move' as const), id: ids, by: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    type: fc.constant('relabel' as const),
    id: ids,
    label: fc.constantFrom('car', 'dog', 'van'),
  }),
  fc.record({ type: fc.constant('delete' as const), id: ids }),
  fc.record({ type: fc.constant('add' as const), name: names, corner: fc.nat(2) }),
  fc.record({
    type: fc.constant('paint' as const),
    name: names,
    grey: fc.integer({ min: 100, max: 102 }),
  }),
  fc.record({
    type: fc.constant('new-image' as const),
    name: fc.constantFrom('bridge', 'pier'),
    subset: subsets,
  }),
  fc.record({ type: fc.constant('drop-image' as const), name: names }),
  fc.record({ type: fc.constant('move-image' as const), name: names, subset: subsets }),
)

/** Ids that are new on their side; the sides use different ones only when `first` differs. */
function edited(street: Street, list: readonly Edit[], first: number): Street {
  return list.reduce((now, edit, at) => applied(now, edit, first + at), street)
}

function applied(street: Street, edit: Edit, id: number): Street {
  switch (edit.type) {
    case 'move':
      return withBox(street, edit.id, (box) => {
        const [x, y, width, height] = box.box
        return { ...box, box: [x + edit.by, y, width, height] }
      })
    case 'relabel':
      return withBox(street, edit.id, (box) => ({ ...box, label: edit.label }))
    case 'delete':
      return withBox(street, edit.id, () => undefined)
    case 'add':
      return plusBox(street, edit.name, { id, label: 'dog', box: [20 * edit.corner, 56, 8, 8] })
    case 'paint':
      return withImage(street, edit.name, (image) => ({ ...image, grey: edit.grey }))
    case 'new-image': {
      const { name, subset } = edit
      if (street.images.some((image) => image.name === name)) return street
      return plusImage(street, { id, name, subset, grey: 60, boxes: [] })
    }
    case 'drop-image':
      // A dataset without any image is deleted, which is another story.
      return street.images.length > 1 ? withImage(street, edit.name, () => undefined) : street
    case 'move-image':
      return withImage(street, edit.name, (image) => ({ ...image, subset: edit.subset }))
  }
}

const lists = fc.array(edits, { minLength: 1, maxLength: 3 })

/** What both sides make of the base: something else, or there is nothing to commit. */
const forks: fc.Arbitrary<Fork> = fc
  .tuple(lists, lists)
  .map(([left, right]) => forkOf(left, right))
  .filter(({ ours, theirs }) => [ours, theirs].every((side) => isOther(side, STREET)))

function isOther(a: Street, b: Street): boolean {
  return JSON.stringify(a.images) !== JSON.stringify(b.images)
}

function forkOf(ours: readonly Edit[], theirs: readonly Edit[]): Fork {
  return { ours: edited(STREET, ours, 50), theirs: edited(STREET, theirs, 60) }
}

/** Forks that went wrong once. */
const FOUND: [Fork][] = [
  // The image that one side deletes, and that stays because the other changed it, has all the cars.
  [
    forkOf(
      [{ type: 'paint', name: 'crossing', grey: 100 }],
      [{ type: 'drop-image', name: 'crossing' }],
    ),
  ],
  // One side deletes the last image of a subset, the other adds one.
  [
    forkOf(
      [{ type: 'new-image', name: 'bridge', subset: 'val' }],
      [{ type: 'drop-image', name: 'harbour' }],
    ),
  ],
  // Both sides together take away the last dogs.
  [forkOf([{ type: 'relabel', id: 2, label: 'car' }], [{ type: 'drop-image', name: 'harbour' }])],
  [
    forkOf(
      [
        { type: 'drop-image', name: 'harbour' },
        { type: 'new-image', name: 'bridge', subset: 'train' },
      ],
      [
        { type: 'paint', name: 'crossing', grey: 100 },
        { type: 'new-image', name: 'bridge', subset: 'val' },
      ],
    ),
  ],
]

describe.each<[StreetFormat]>([['coco'], ['voc'], ['yolo']])('laws of merging %s', (format) => {
  it('leaves files and meaning in agreement whatever both sides did, and is undone', async () => {
    await fc.assert(
      fc.asyncProperty(forks, async (fork) => {
        await using workspace = await forked(format, fork)
        const before = await workspace.files()
        await merge(workspace.repository, { revision: 'other' })
        await expectAgreement(workspace)
        await undo(workspace.repository)
        expect(await workspace.files()).toEqual(before)
        await expectAgreement(workspace)
      }),
      { numRuns: runs(), examples: FOUND },
    )
  }, 600_000)

  it('gives the same from either side where nothing is in conflict', async () => {
    await fc.assert(
      fc.asyncProperty(forks, async (fork) => {
        await using workspace = await forked(format, fork)
        const { repository } = workspace
        const head = (await repository.state()).headCommit ?? ''
        const { conflicts } = await merge(repository, { revision: 'other' })
        fc.pre(conflicts.length === 0)
        const lines = await linesNow(workspace, format)
        await workspace.go('other')
        expect(await merge(repository, { revision: head })).toMatchObject({ conflicts: [] })
        expect(await linesNow(workspace, format)).toEqual(lines)
      }),
      { numRuns: runs() },
    )
  }, 600_000)

  it('joins edits of different boxes without a conflict', async () => {
    const moves = fc.uniqueArray(ids, { minLength: 2, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(moves, fc.nat(), async (chosen, cut) => {
        const at = 1 + (cut % (chosen.length - 1))
        const moved = (street: Street, which: readonly number[]): Street =>
          which.reduce((now, id) => applied(now, { type: 'move', id, by: 2 }, 0), street)
        const [ours, theirs] = [moved(STREET, chosen.slice(0, at)), moved(STREET, chosen.slice(at))]
        await using workspace = await forked(format, { ours, theirs })
        const result = await merge(workspace.repository, { revision: 'other' })
        expect(result).toMatchObject({ type: 'merged', conflicts: [], losses: [] })
        await expectStreet(workspace, format, moved(STREET, chosen))
      }),
      { numRuns: runs() },
    )
  }, 600_000)
})

/** A handful with every run of the suite; many when somebody hunts for bugs. */
function runs(): number {
  return Number(process.env['DSV_RUNS'] ?? 6)
}
