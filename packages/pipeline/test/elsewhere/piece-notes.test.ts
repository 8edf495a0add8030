import { describe, expect, it } from '@jest/globals'
import type { StepNote } from '@dsv/steps'
import { noteCollector, tellNotes } from '../../src/elsewhere/piece-notes.ts'

function told(pieces: readonly (readonly StepNote[])[]): readonly string[] {
  const counted = pieces.map((notes) => {
    const collector = noteCollector()
    for (const note of notes) collector.add(note)
    return collector.counted()
  })
  const found: string[] = []
  tellNotes(counted, ({ what, where }) => found.push(`${what}: ${where}`))
  return found
}

describe('tellNotes', () => {
  it('tells what the whole would have told', () => {
    const deleted = { what: 'category deleted', where: 'dog' }
    const left = (where: string): StepNote => ({ what: 'item left out', where })
    expect(told([[deleted, left('1'), left('1')], [deleted, left('2')], [deleted]])).toEqual([
      'category deleted: dog',
      'item left out: 1',
      'item left out: 1',
      'item left out: 2',
    ])
  })

  it('loses no note where there are too many places', () => {
    const many = Array.from({ length: 12_000 }, (_, at) => ({ what: 'left out', where: `${at}` }))
    const more = many.map(({ what, where }) => ({ what, where: `b${where}` }))
    expect(told([many, more])).toHaveLength(24_000)
  })

  it('takes nothing from what is no list of notes', () => {
    const found: StepNote[] = []
    const wrong = [undefined, null, 3, {}, [1], [['a', 'b']], [['a', 'b', '3']], [['a', 'b', NaN]]]
    tellNotes(wrong, (note) => found.push(note))
    expect(found).toEqual([])
  })
})
