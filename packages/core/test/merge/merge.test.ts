import {
  type AnnotatedItem,
  type Annotation,
  type Conflict,
  isConflict,
  mergeAnnotatedItem,
  mergeAnnotations,
  mergeSchema,
  resolveAnnotationConflict,
  resolveItemConflict,
  resolveSchemaConflict,
  restoreUsedCategories,
  type Schema,
} from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { annotations, item, schema } from '../arbitraries.ts'

const PLACE = { key: { subset: 'train', id: 'a' }, layer: 'ground_truth' }
const favour = fc.constantFrom('ours' as const, 'theirs' as const)

const annotatedItem: fc.Arbitrary<AnnotatedItem | undefined> = fc.option(
  fc.tuple(item, annotations).map(([record, list]) => ({
    ...record,
    ...PLACE.key,
    layers: { ground_truth: list },
  })),
  { nil: undefined, freq: 4 },
)

function swapped(conflict: Conflict): unknown {
  return { ...conflict, ours: conflict.theirs, theirs: conflict.ours }
}

function sorted(list: readonly Annotation[]): readonly Annotation[] {
  return list.toSorted((a, b) => (a.uid < b.uid ? -1 : 1))
}

function tagged(tags: string[], attributes: Record<string, string>): AnnotatedItem {
  return { ...PLACE.key, media: [], tags, attributes, layers: {} }
}

function schemaOf(...categories: Schema['categories']): Schema {
  return { categories, attributes: [], info: {} }
}

const cat = { key: 'cat', name: 'cat' }

function byUid(list: readonly Annotation[]): readonly string[] {
  return list.map(({ uid }) => uid).toSorted()
}

function box(uid: string, x: number, category = 'cat'): Annotation {
  return { uid, type: 'box', x, y: 0, width: 100, height: 100, category }
}

describe('mergeAnnotations', () => {
  it('gives the other side when one side is unchanged, and the same when both are the same', () => {
    fc.assert(
      fc.property(annotations, annotations, (a, b) => {
        expect(mergeAnnotations(a, a, b, PLACE)).toEqual({ merged: b, conflicts: [] })
        expect(mergeAnnotations(a, b, a, PLACE)).toEqual({ merged: b, conflicts: [] })
        expect(mergeAnnotations(a, b, b, PLACE)).toEqual({ merged: b, conflicts: [] })
      }),
    )
  })

  it('finds the same conflicts and keeps the same annotations from either side', () => {
    fc.assert(
      fc.property(annotations, annotations, annotations, (base, ours, theirs) => {
        const one = mergeAnnotations(base, ours, theirs, PLACE)
        const other = mergeAnnotations(base, theirs, ours, PLACE)
        expect(one.conflicts).toEqual(other.conflicts.map(swapped))
        const disputed = new Set<unknown>(
          one.conflicts.map((conflict) => conflict.kind === 'annotation' && conflict.uid),
        )
        const settled = (list: readonly Annotation[]): readonly Annotation[] =>
          sorted(list.filter(({ uid }) => !disputed.has(uid)))
        expect(settled(one.merged)).toEqual(settled(other.merged))
      }),
    )
  })

  it('leaves no conflict when a side is favoured', () => {
    fc.assert(
      fc.property(annotations, annotations, annotations, favour, (base, ours, theirs, side) => {
        expect(mergeAnnotations(base, ours, theirs, PLACE, { favour: side }).conflicts).toEqual([])
      }),
    )
  })

  it('never gives one uid twice', () => {
    fc.assert(
      fc.property(annotations, annotations, annotations, (base, ours, theirs) => {
        const uids = byUid(mergeAnnotations(base, ours, theirs, PLACE).merged)
        expect(new Set(uids).size).toBe(uids.length)
      }),
    )
  })

  it('keeps what each side added, changed and removed when they differ in fields', () => {
    const base = [box('u1', 0), box('u2', 200), box('u3', 400)]
    const ours = [box('u1', 0, 'dog'), box('u3', 400), box('u4', 600)]
    const theirs = [box('u1', 5), box('u2', 200), box('u3', 400), box('u5', 800)]
    const { merged, conflicts } = mergeAnnotations(base, ours, theirs, PLACE)
    expect(conflicts).toEqual([])
    expect(merged).toEqual([box('u1', 5, 'dog'), box('u3', 400), box('u4', 600), box('u5', 800)])
  })

  it('makes one of two boxes that both sides drew around one thing', () => {
    const ours = [{ ...box('u9', 0), attributes: { color: 'red' } }]
    const theirs = [{ ...box('u8', 2), attributes: { pose: 1 } }]
    const { merged, conflicts } = mergeAnnotations([], ours, theirs, PLACE)
    expect(conflicts).toEqual([])
    expect(merged).toEqual([{ ...box('u8', 2), attributes: { color: 'red', pose: 1 } }])
  })

  it('keeps two boxes of different categories, or far apart, as two', () => {
    const ours = [box('u1', 0), box('u2', 300)]
    const theirs = [box('u3', 2, 'dog'), box('u4', 320)]
    expect(byUid(mergeAnnotations([], ours, theirs, PLACE).merged)).toEqual([
      'u1',
      'u2',
      'u3',
      'u4',
    ])
  })

  it('lets relations follow their twins', () => {
    const ours: Annotation[] = [box('u9', 0)]
    const theirs: Annotation[] = [
      box('u8', 0),
      { uid: 'r', type: 'relation', subject: 'u8', predicate: 'on', object: 'x' },
    ]
    const theirRelation = mergeAnnotations([], theirs, ours, PLACE).merged.find(
      ({ uid }) => uid === 'r',
    )
    expect(theirRelation).toMatchObject({ subject: 'u8' })
    const renamed = mergeAnnotations([], [box('u1', 0)], theirs, PLACE).merged
    expect(renamed.find(({ uid }) => uid === 'r')).toMatchObject({ subject: 'u1' })
  })

  it('says both sides of a conflict, and holds ours until it is settled', () => {
    const [base, ours, theirs] = [[box('u', 0)], [box('u', 5, 'dog')], [box('u', 9)]]
    const { merged, conflicts } = mergeAnnotations(base, ours, theirs, PLACE)
    expect(merged).toEqual(ours)
    expect(conflicts).toMatchObject([
      { kind: 'annotation', uid: 'u', fields: ['geometry'], base: base[0], ours: ours[0] },
    ])
  })

  it('reports the deletion of an annotation that the other side changed', () => {
    const [base, theirs] = [[box('u', 0)], [box('u', 9)]]
    const { merged, conflicts } = mergeAnnotations(base, [], theirs, PLACE)
    expect(merged).toEqual([])
    expect(conflicts).toMatchObject([{ fields: [], ours: null, theirs: theirs[0] }])
  })
})

describe('mergeAnnotatedItem', () => {
  it('gives the other side when one side is unchanged, and the same when both are the same', () => {
    fc.assert(
      fc.property(annotatedItem, annotatedItem, (a, b) => {
        expect(mergeAnnotatedItem(a, a, b)).toEqual({ merged: b, conflicts: [] })
        expect(mergeAnnotatedItem(a, b, a)).toEqual({ merged: b, conflicts: [] })
        expect(mergeAnnotatedItem(a, b, b)).toEqual({ merged: b, conflicts: [] })
      }),
    )
  })

  it('finds the same conflicts from either side, as JSON that is known again', () => {
    fc.assert(
      fc.property(annotatedItem, annotatedItem, annotatedItem, (base, ours, theirs) => {
        const { conflicts } = mergeAnnotatedItem(base, ours, theirs)
        expect(conflicts).toEqual(mergeAnnotatedItem(base, theirs, ours).conflicts.map(swapped))
        const stored: unknown[] = JSON.parse(JSON.stringify(conflicts))
        expect(stored.every(isConflict)).toBe(true)
      }),
    )
  })

  it('leaves no conflict when a side is favoured', () => {
    fc.assert(
      fc.property(annotatedItem, annotatedItem, annotatedItem, favour, (base, a, b, side) => {
        expect(mergeAnnotatedItem(base, a, b, { favour: side }).conflicts).toEqual([])
      }),
    )
  })

  it('joins tags as sets and attributes one by one', () => {
    const base = tagged(['old', 'kept'], { a: '1', b: '1' })
    const ours = tagged(['kept', 'mine'], { a: '2', b: '1' })
    const theirs = tagged(['old', 'kept', 'other'], { a: '1', b: '2' })
    const { merged, conflicts } = mergeAnnotatedItem(base, ours, theirs)
    expect(conflicts).toEqual([])
    expect(merged).toEqual(tagged(['kept', 'mine', 'other'], { a: '2', b: '2' }))
  })

  it('makes one conflict of deleting an item whose annotations the other side changed', () => {
    const base = { ...PLACE.key, media: [], layers: { ground_truth: [box('u', 0)] } }
    const theirs = { ...base, layers: { ground_truth: [box('u', 1)] } }
    const { merged, conflicts } = mergeAnnotatedItem(base, undefined, theirs)
    expect(merged).toBeUndefined()
    expect(conflicts).toEqual([
      { kind: 'item', where: '', key: PLACE.key, fields: [], base, ours: null, theirs },
    ])
  })
})

describe('mergeSchema', () => {
  it('gives the other side when one side is unchanged, and the same when both are the same', () => {
    // Ids that clash within one side are no affair of a merge.
    const unclashed = schema.map((value) => ({
      ...value,
      categories: value.categories.map((category) => ({ ...category, sourceIds: {} })),
    }))
    fc.assert(
      fc.property(unclashed, unclashed, (a, b) => {
        for (const outcome of [mergeSchema(a, a, b), mergeSchema(a, b, a), mergeSchema(a, b, b)]) {
          expect(outcome).toEqual({ merged: b, conflicts: [], sourceIdChanges: [] })
        }
      }),
    )
  })

  it('finds the same conflicts from either side, and none when a side is favoured', () => {
    fc.assert(
      fc.property(schema, schema, schema, favour, (base, ours, theirs, side) => {
        const { conflicts } = mergeSchema(base, ours, theirs)
        expect(conflicts).toEqual(mergeSchema(base, theirs, ours).conflicts.map(swapped))
        expect(mergeSchema(base, ours, theirs, { favour: side }).conflicts).toEqual([])
      }),
    )
  })

  it('agrees when both sides add the same category', () => {
    expect(mergeSchema(schemaOf(), schemaOf(cat), schemaOf(cat))).toMatchObject({
      merged: schemaOf(cat),
      conflicts: [],
    })
  })

  it('reports two names for one category, and takes one name with another colour', () => {
    const ours = schemaOf({ ...cat, name: 'Cat' })
    expect(
      mergeSchema(schemaOf(cat), ours, schemaOf({ ...cat, name: 'feline' })).conflicts,
    ).toMatchObject([{ kind: 'schema', part: 'category', key: 'cat', fields: ['name'] }])
    const colored = schemaOf({ ...cat, color: [1, 2, 3] })
    expect(mergeSchema(schemaOf(cat), ours, colored).merged).toEqual(
      schemaOf({ ...cat, name: 'Cat', color: [1, 2, 3] }),
    )
  })

  it('gives a new id to the category of theirs that claims an id of ours', () => {
    const ours = schemaOf({ key: 'a', name: 'a', sourceIds: { coco: 5 } })
    const theirs = schemaOf({ key: 'b', name: 'b', sourceIds: { coco: 5 } })
    const { merged, sourceIdChanges } = mergeSchema(schemaOf(), ours, theirs)
    expect(merged.categories.map(({ sourceIds }) => sourceIds?.coco)).toEqual([5, 6])
    expect(sourceIdChanges).toEqual([{ category: 'b', format: 'coco', from: 5, to: 6 }])
  })
})

describe('restoreUsedCategories', () => {
  it('brings back what one side removed and the other used', () => {
    const dog = { key: 'dog', name: 'dog' }
    const { schema: restored, restored: keys } = restoreUsedCategories(
      schemaOf(dog),
      new Set(['cat', 'dog', 'unknown']),
      [schemaOf(dog), schemaOf({ ...cat, name: 'Cat' }), schemaOf(cat)],
    )
    expect([restored, keys]).toEqual([schemaOf(dog, { ...cat, name: 'Cat' }), ['cat']])
  })
})

describe('resolving', () => {
  it('of every annotation conflict with one side gives what favouring that side gives', () => {
    fc.assert(
      fc.property(annotations, annotations, annotations, favour, (base, ours, theirs, side) => {
        const { merged, conflicts } = mergeAnnotations(base, ours, theirs, PLACE)
        const resolved = conflicts.reduce(
          (list, conflict) =>
            conflict.kind === 'annotation' ? resolveAnnotationConflict(list, conflict, side) : list,
          merged,
        )
        const favoured = mergeAnnotations(base, ours, theirs, PLACE, { favour: side }).merged
        expect(sorted(resolved)).toEqual(sorted(favoured))
      }),
    )
  })

  it('with both keeps two annotations under two uids', () => {
    const [base, ours, theirs] = [[box('u', 0)], [box('u', 5)], [box('u', 9)]]
    const { merged, conflicts } = mergeAnnotations(base, ours, theirs, PLACE)
    const [conflict] = conflicts
    if (conflict?.kind !== 'annotation') throw new Error('no conflict')
    const both = resolveAnnotationConflict(merged, conflict, 'both')
    expect(both).toEqual([box('u', 5), box(both[1]?.uid ?? '', 9)])
    expect(both[1]?.uid).not.toBe('u')
  })

  it('of every item conflict with one side gives what favouring that side gives', () => {
    fc.assert(
      fc.property(item, item, item, favour, (base, ours, theirs, side) => {
        const [a, b, c] = [base, ours, theirs].map((value) => ({
          ...value,
          ...PLACE.key,
          media: [],
          layers: {},
        }))
        const { merged, conflicts } = mergeAnnotatedItem(a, b, c)
        const resolved = conflicts.reduce(
          (value, conflict) =>
            conflict.kind === 'item' || conflict.kind === 'media'
              ? resolveItemConflict(value, conflict, side)
              : value,
          merged,
        )
        expect(resolved).toEqual(mergeAnnotatedItem(a, b, c, { favour: side }).merged)
      }),
    )
  })

  it('of schema conflicts takes the chosen fields, and refuses both', () => {
    const { merged, conflicts } = mergeSchema(
      schemaOf(cat),
      schemaOf({ ...cat, name: 'Cat' }),
      schemaOf({ ...cat, name: 'feline' }),
    )
    const [conflict] = conflicts
    if (conflict?.kind !== 'schema') throw new Error('no conflict')
    expect(resolveSchemaConflict(merged, conflict, 'theirs')).toEqual(
      schemaOf({ ...cat, name: 'feline' }),
    )
    expect(() => resolveSchemaConflict(merged, conflict, 'both')).toThrow(
      expect.objectContaining({ code: 'DSV_CONFLICT_CHOICE_INVALID' }),
    )
  })
})
