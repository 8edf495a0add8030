import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { idColumn } from '../../src/coco/id-column.ts'

const anyId = fc.option(fc.oneof(fc.double({ noNaN: true }), fc.maxSafeInteger(), fc.string()), {
  nil: undefined,
})

it('gives back the ids that were added', () => {
  fc.assert(
    fc.property(fc.array(anyId), (ids) => {
      const draft = idColumn()
      for (const id of ids) draft.push(id)
      const column = draft.finished()
      expect(column.length).toBe(ids.length)
      expect(ids.map((_, row) => column.at(row))).toStrictEqual(ids)
      expect([column.at(-1), column.at(ids.length)]).toStrictEqual([undefined, undefined])
    }),
  )
})

it('gives back ids of all its blocks', () => {
  const draft = idColumn()
  const count = 200_000
  for (let id = 0; id < count; id += 1) draft.push(id % 1000 === 7 ? `${id}` : id)
  const column = draft.finished()
  let wrong = 0
  for (let id = 0; id < count; id += 1)
    if (column.at(id) !== (id % 1000 === 7 ? `${id}` : id)) wrong += 1
  expect([column.length, wrong]).toStrictEqual([count, 0])
})
