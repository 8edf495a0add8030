import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { placesIn } from '../../src/coco/places-in.ts'

const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'))

it('says where each text is in the other list', () => {
  fc.assert(
    fc.property(ids, ids, (list, wanted) => {
      expect([...placesIn(list, wanted)]).toStrictEqual(wanted.map((id) => list.indexOf(id)))
    }),
  )
})
