import { formatSyntax } from '@dsv/core'

const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/iu

/** Returns the number that a decimal text says; undefined when it is none, or too large. */
export function parseNumber(text: string): number | undefined {
  const number = DECIMAL.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/** Returns the numbers that texts say. @throws `DSV_FORMAT_SYNTAX` with `place` */
export function parseNumbers(texts: readonly string[], file: string, place: string): number[] {
  return texts.map((text) => {
    const number = parseNumber(text)
    if (number === undefined) throw formatSyntax(file, `${place} should be numbers: ${text}`)
    return number
  })
}
