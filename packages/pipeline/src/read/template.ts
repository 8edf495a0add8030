/** A text with places where values go. */
export interface Template {
  /** One more than there are expressions, around which they stand. */
  readonly texts: readonly string[]
  /** What stands between `${` and `}`. */
  readonly expressions: readonly string[]
}

const OPEN = '${'

/**
 * Returns the parts of a text. An expression ends at the next `}` of its line; `\${` begins none. The texts still
 * have their backslashes.
 *
 * Source: [Templating](https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#templating)
 */
export function parseTemplate(text: string): Template {
  const texts: string[] = []
  const expressions: string[] = []
  let done = 0
  let [close, lineEnd] = [0, 0]
  for (let open = text.indexOf(OPEN); open !== -1; open = text.indexOf(OPEN, open)) {
    const start = open + OPEN.length
    // Searched from where the last search ended, so that a hostile text takes no longer than its length.
    close = nextOf(text, '}', start, close)
    lineEnd = nextOf(text, '\n', start, lineEnd)
    if (close === text.length) break
    if (text[open - 1] === '\\' || lineEnd < close) {
      open += 1
    } else {
      texts.push(text.slice(done, open))
      expressions.push(text.slice(start, close))
      done = open = close + 1
    }
  }
  return { texts: [...texts, text.slice(done)], expressions }
}

/** Returns `\${` as `${`. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(`\\${OPEN}`, OPEN)
}

const EXPRESSION = /^[^.[\]]+(?:\.[^.[\]]+|\[[^.[\]]+\]\s*)*$/

/** Returns the keys of `a.b[0]`: `a`, `b`, `0`; undefined for what is no expression. */
export function parseExpression(expression: string): readonly string[] | undefined {
  if (expression.length > MAX_EXPRESSION || !EXPRESSION.test(expression)) return undefined
  return expression
    .replaceAll('[', '.')
    .replaceAll(']', '')
    .split('.')
    .map((key) => key.trim())
}

const MAX_EXPRESSION = 10_000

function nextOf(text: string, letter: string, from: number, known: number): number {
  if (known >= from) return known
  const found = text.indexOf(letter, from)
  return found === -1 ? text.length : found
}
