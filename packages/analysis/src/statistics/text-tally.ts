import { numberTally } from './number-tally.ts'
import type { TextFigures } from './statistics.ts'

/** Texts that are counted as they come. */
export interface TextTally {
  add(text: string): void
  /** Returns undefined where there are none. */
  figures(): TextFigures | undefined
}

/** Counts the characters (UTF-16 units) and words of texts; words are what white space sets apart. */
export function textTally(): TextTally {
  const [characters, words] = [numberTally(), numberTally()]
  return {
    add: (text) => {
      characters.add(text.length)
      words.add(wordCount(text))
    },
    figures: () => {
      const [ofCharacters, ofWords] = [characters.summary('whole'), words.summary('whole')]
      if (ofCharacters === undefined || ofWords === undefined) return undefined
      return { count: ofCharacters.count, characters: ofCharacters, words: ofWords }
    },
  }
}

function wordCount(text: string): number {
  let count = 0
  for (const _ of text.matchAll(/\S+/gu)) count++
  return count
}
