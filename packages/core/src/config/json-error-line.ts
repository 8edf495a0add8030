const WHITESPACE = /[ \t\n\r]*/y
const SCALAR =
  /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|true|false|null/iuy
const TEXT = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-f]{4}))*"/iuy

/** Nobody nests settings deeper; hostile files do. */
const MAX_DEPTH = 64

/**
 * Returns the line, counted from 1, at which text that `JSON.parse` refused stops being JSON. Engines
 * do not tell the place in all of their messages.
 */
export function jsonErrorLine(text: string): number {
  const scan = scanner(text)
  scan.value(0)
  return text.slice(0, scan.offset()).split('\n').length
}

interface Scanner {
  /** Goes past a value; returns false and stays where it stops being one. */
  value(depth: number): boolean
  offset(): number
}

function scanner(text: string): Scanner {
  let at = 0
  const take = (token: RegExp): boolean => {
    token.lastIndex = at
    const found = token.exec(text)
    if (found === null) return false
    at += found[0].length
    return true
  }
  const sign = (character: string): boolean => {
    take(WHITESPACE)
    if (text[at] !== character) return false
    at += 1
    return true
  }
  const member = (depth: number): boolean => {
    take(WHITESPACE)
    return take(TEXT) && sign(':') && value(depth)
  }
  const rest = (end: string, one: () => boolean): boolean => {
    if (sign(end)) return true
    do if (!one()) return false
    while (sign(','))
    return sign(end)
  }
  const value = (depth: number): boolean => {
    if (depth > MAX_DEPTH) return false
    if (sign('{')) return rest('}', () => member(depth + 1))
    if (sign('[')) return rest(']', () => value(depth + 1))
    return take(SCALAR)
  }
  return { value, offset: () => at }
}
