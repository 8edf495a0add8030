import { type BoxNumbers } from '@dsv/core'
import { parseNumber } from '../shared/parse-number.ts'
import { type Rgb } from '../shared/label-colors.ts'

/** One row: a letter. */
export interface Letter {
  readonly color: Rgb
  /** As written: mostly two numbers. */
  readonly center: string | undefined
  /** x and y, and the differences to right and bottom. */
  readonly box: BoxNumbers | undefined
  readonly text: string
  /** The word that it is part of, from 1; undefined for words of one letter. */
  readonly word?: number
}

/** A row, or why it is none. */
export interface LetterRow {
  readonly letter?: Letter
  readonly problem?: string
}

const ROW = /^(#?)\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+\s+\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+"(.*)"$/u
const NONE = '- -'

/** Reads the letters of a file; an empty line ends a word, and `#` stands before a space. */
export function parseLetters(text: string): readonly LetterRow[] {
  const words: LetterRow[][] = [[]]
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '') words.push([])
    else words.at(-1)?.push(rowOf(line, at + 1))
  }
  let word = 0
  return words.flatMap((rows) => {
    if (rows.length < 2) return rows
    word++
    const own = word
    return rows.map((row) => (row.letter ? { letter: { ...row.letter, word: own } } : row))
  })
}

function rowOf(line: string, number: number): LetterRow {
  const match = ROW.exec(line)
  const [, space = '', red, green, blue, center, left, top, right, bottom, text = ''] = match ?? []
  const color = [Number(red), Number(green), Number(blue)]
  if (match === null || color.some((each) => each > 255)) {
    const example = '241 73 144 1 4 0 3 1 4 "h"'
    return { problem: `line ${number} should be a letter, like ${example}` }
  }
  const edges = [left, top, right, bottom].map((each) => parseNumber(each ?? ''))
  const [x, y, x2, y2] = edges
  const isBox = x !== undefined && y !== undefined && x2 !== undefined && y2 !== undefined
  const letter: Letter = {
    color: [color[0] ?? 0, color[1] ?? 0, color[2] ?? 0],
    center: center === undefined || center === NONE ? undefined : center.replaceAll(/\s+/gu, ' '),
    box: isBox ? [x, y, x2 - x, y2 - y] : undefined,
    text: space === '#' ? ' ' : text,
  }
  return { letter }
}

/** Returns the text of a file; letters of one word follow one another. */
export function lettersText(letters: readonly Letter[]): string {
  let text = ''
  for (const [at, letter] of letters.entries()) {
    const before = letters[at - 1]
    const isSame = before?.word !== undefined && before.word === letter.word
    if (at > 0 && !isSame) text += '\n'
    const [x, y, width, height] = letter.box ?? [0, 0, 0, 0]
    const numbers = [...letter.color, letter.center ?? NONE, x, y, x + width, y + height]
    text += `${letter.text === ' ' ? '#' : ''}${numbers.join(' ')} "${letter.text}"\n`
  }
  return text
}
