import type { CocoId } from './layout.ts'
import { numberColumn } from './number-column.ts'

/** The ids of the records of a list, by row. Numbers take eight bytes each. */
export interface IdColumn {
  readonly length: number
  /** Undefined where a record has none, and beyond the list. */
  at(row: number): CocoId | undefined
}

/** Ids while they are added. */
export interface IdColumnDraft {
  readonly length: number
  push(id: CocoId | undefined): void
  /** All of them; no more are added. */
  finished(): IdColumn
}

/** Makes an empty column. */
export function idColumn(): IdColumnDraft {
  const numbers = numberColumn()
  const texts = new Map<number, string>()
  let length = 0
  return {
    get length() {
      return length
    },
    push: (id) => {
      if (typeof id === 'string') texts.set(length, id)
      // JSON has no NaN.
      numbers.push(typeof id === 'number' ? id : NaN)
      length += 1
    },
    finished: () => {
      const all = numbers.joined()
      return {
        length,
        at: (row) => {
          const number = all[row]
          return number === undefined || Number.isNaN(number) ? texts.get(row) : number
        },
      }
    },
  }
}
