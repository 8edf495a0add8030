import { optionInvalid } from '../errors.ts'
import { isFolderName } from '../items/map-subsets.ts'
import { apportion } from './apportion.ts'

/** Subsets, and how many of a number of items each shall have. */
export interface Shares {
  readonly names: readonly string[]
  /** @throws `DSV_OPTION_INVALID` for counts that do not add up to it */
  readonly quotasOf: (items: number) => readonly number[]
}

/** Written out to two digits, thirds do not add up to 1. */
const ROUNDING = 0.011

/**
 * Returns what `--ratio` asks for: fractions that add up to 1, or whole numbers of items, of which one may be `*` for the rest.
 *
 * @throws `DSV_OPTION_INVALID`
 */
export function parseShares(step: string, ratio: Readonly<Record<string, string>>): Shares {
  const invalid = (problem: string, advice?: string): Error =>
    optionInvalid(step, 'ratio', problem, advice)
  const names = Object.keys(ratio)
  if (names.length === 0)
    throw invalid('names no subset', 'Give --ratio train=0.8 --ratio val=0.2.')
  for (const name of names)
    if (!isFolderName(name)) throw invalid(`gives a subset the name ${JSON.stringify(name)}`)
  const rests = names.filter((name) => ratio[name] === '*')
  if (rests.length > 1) throw invalid('gives the rest to more than one subset')
  const numbers = names.map((name) => {
    const text = ratio[name] ?? ''
    const number = text === '*' ? 0 : Number(text)
    if (text.trim() === '' || !(number >= 0 && number <= Number.MAX_SAFE_INTEGER))
      throw invalid(`gives ${name} ${JSON.stringify(text.slice(0, 50))}, which is no share`)
    if (number === 0 && text !== '*') throw invalid(`gives nothing to ${name}`, 'Leave it out.')
    return number
  })
  const sum = numbers.reduce((total, number) => total + number, 0)
  const [rest] = rests.map((name) => names.indexOf(name))
  if (numbers.every(Number.isInteger) && (sum > 1 || rest !== undefined))
    return { names, quotasOf: (items) => counted(numbers, rest, items, invalid) }
  if (rest !== undefined && sum < 1)
    return { names, quotasOf: (items) => apportion(items, withRest(numbers, rest, 1 - sum)) }
  if (Math.abs(sum - 1) > ROUNDING)
    throw invalid(
      `adds up to ${Number(sum.toFixed(4))}, not to 1`,
      'Give fractions that add up to 1, whole numbers of items, or * for the rest.',
    )
  return { names, quotasOf: (items) => apportion(items, numbers) }
}

function counted(
  numbers: readonly number[],
  rest: number | undefined,
  items: number,
  invalid: (problem: string, advice?: string) => Error,
): readonly number[] {
  const sum = numbers.reduce((total, number) => total + number, 0)
  if (rest === undefined ? sum !== items : sum > items)
    throw invalid(
      `asks for ${sum} items, and there are ${items}`,
      'One subset may be given * for the rest, or fractions that add up to 1.',
    )
  return rest === undefined ? numbers : withRest(numbers, rest, items - sum)
}

function withRest(numbers: readonly number[], rest: number, value: number): readonly number[] {
  return numbers.map((number, index) => (index === rest ? value : number))
}
