import type { Category, Loss, Schema } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { unionSchemas } from '../../src/sources/union-schemas.ts'

function schemaOf(...categories: readonly Category[]): Schema {
  return { categories, attributes: [], info: {} }
}

function union(...schemas: readonly Schema[]): ReturnType<typeof unionSchemas> & {
  readonly losses: readonly Loss[]
} {
  const losses: Loss[] = []
  const named = schemas.map((schema, index) => ({ name: `s${index}`, schema }))
  return { ...unionSchemas(named, (loss) => losses.push(loss)), losses }
}

describe('unionSchemas', () => {
  it('makes one category of one name, whatever its keys', () => {
    const { schema, keys } = union(
      schemaOf({ key: 'person', name: 'Person' }),
      schemaOf({ key: '/m/01g317', name: 'Person', supercategory: 'living' }),
    )
    expect(schema.categories).toEqual([{ key: 'person', name: 'Person', supercategory: 'living' }])
    expect(keys.map((each) => [...each.values()])).toEqual([['person'], ['person']])
  })

  it('gives categories of other names other keys, and finds their parents', () => {
    const { schema, keys } = union(
      schemaOf({ key: 'a', name: 'cat' }),
      schemaOf({ key: 'a', name: 'animal' }, { key: 'b', name: 'dog', parent: 'a' }),
    )
    expect(schema.categories).toEqual([
      { key: 'a', name: 'cat' },
      { key: 'a-2', name: 'animal' },
      { key: 'b', name: 'dog', parent: 'a-2' },
    ])
    expect(keys[1]?.get('a')).toBe('a-2')
  })

  it('keeps what the first says, and reports what another says differently', () => {
    const { schema, losses } = union(
      schemaOf({ key: 'a', name: 'cat', color: [1, 2, 3], sourceIds: { coco: 1 } }),
      schemaOf({ key: 'a', name: 'cat', color: [9, 9, 9], sourceIds: { coco: 2, voc: 5 } }),
    )
    expect(schema.categories).toEqual([
      { key: 'a', name: 'cat', color: [1, 2, 3], sourceIds: { coco: 1, voc: 5 } },
    ])
    expect(losses).toEqual([
      { what: 'category field: sourceIds', where: 's1: cat' },
      { what: 'category field: color', where: 's1: cat' },
    ])
  })

  it('has each name and each key once, and a key for each category of each source', () => {
    const category = fc.record({
      key: fc.constantFrom('a', 'b', 'a-2'),
      name: fc.constantFrom('x', 'y', 'z'),
    })
    const schemas = fc.array(
      fc
        .uniqueArray(category, { selector: ({ key }) => key, maxLength: 3 })
        .map((categories) => schemaOf(...categories)),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(schemas, (all) => {
        const { schema, keys } = union(...all)
        const byKey = new Map(schema.categories.map(({ key, name }) => [key, name]))
        expect(byKey.size).toBe(schema.categories.length)
        expect(new Set(byKey.values()).size).toBe(byKey.size)
        for (const [index, { categories }] of all.entries())
          for (const { key, name } of categories)
            expect(byKey.get(keys[index]?.get(key) ?? '')).toBe(name)
      }),
    )
  })
})
