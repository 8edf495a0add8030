import type { Json } from '@dsv/core'
import type { StepNote } from '@dsv/steps'

/** Collects what a step notes of one piece, to be told where the pieces are joined. */
export interface NoteCollector {
  readonly add: (note: StepNote) => void
  /** What was noted: what, where and how often. */
  readonly counted: () => Json
}

/** So many places are told apart; of those after them only how many there were. */
const MAX_NOTES = 10_000
const MAX_KINDS = 1000
/** No piece has more items. */
const MAX_COUNT = 10_000_000

/** Returns an empty collector; its memory is bounded. */
export function noteCollector(): NoteCollector {
  const found = new Map<string, [what: string, where: string, count: number]>()
  const count = (what: string, where: string, limit: number): boolean => {
    const key = `${what}\0${where}`
    const known = found.get(key)
    if (known === undefined && found.size >= limit) return false
    found.set(key, [what, where, (known?.[2] ?? 0) + 1])
    return true
  }
  return {
    add: ({ what, where }) => {
      if (!count(what, where, MAX_NOTES) && !count(what, '', MAX_NOTES + MAX_KINDS))
        count('other', '', Infinity)
    },
    counted: () => [...found.values()],
  }
}

/**
 * Gives the notes of all pieces as those of the whole: an item is in one piece, but what is noted of the dataset, such as
 * a category that goes, is noted with each.
 */
export function tellNotes(
  pieces: readonly (Json | undefined)[],
  onNote: (note: StepNote) => void,
): void {
  const most = new Map<string, { readonly note: StepNote; count: number }>()
  for (const notes of pieces)
    for (const each of Array.isArray(notes) ? notes : []) {
      const [what, where, count] = Array.isArray(each) ? each : []
      if (typeof what !== 'string' || typeof where !== 'string' || typeof count !== 'number')
        continue
      const key = `${what}\0${where}`
      const told = most.get(key) ?? { note: { what, where }, count: 0 }
      most.set(key, told)
      told.count = where === '' ? told.count + count : Math.max(told.count, count)
    }
  for (const { note, count } of most.values())
    for (let told = 0; told < Math.min(count, MAX_COUNT); told += 1) onNote(note)
}
