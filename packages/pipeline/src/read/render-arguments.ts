import type { DsvError } from '@dsv/store'
import { renderText } from './render-text.ts'
import { isList, isMap, type Value, type ValueMap } from './value.ts'

/** How a mapping becomes options of a command: `parsing.bool` and `parsing.list` of DVC's settings. */
export interface ParsingRules {
  /** Whether false is left out, or is `--no-name`. */
  readonly bool: 'store_true' | 'boolean_optional'
  /** Whether a list is `--name 1 2` or `--name 1 --name 2`. */
  readonly list: 'nargs' | 'append'
}

/**
 * Returns a mapping as options: `{lr: 0.1, adam: true}` is `--lr 0.1 --adam`. Names within names are joined by dots;
 * texts are quoted for the shell.
 *
 * Source: [Dict Unpacking](https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#dict-unpacking)
 */
export function renderArguments(
  map: ValueMap,
  { bool, list }: ParsingRules,
  fail: (problem: string) => DsvError,
): string {
  const words: string[] = []
  for (const [name, value] of flattened(map)) {
    if (typeof value === 'boolean') {
      if (value) words.push(`--${name}`)
      else if (bool === 'boolean_optional') words.push(`--no-${name}`)
    } else if (isList(value)) {
      const elements = value.map((each) => {
        if (isList(each) || isMap(each)) throw fail(`whose ${name} is a list of lists`)
        return renderElement(each)
      })
      if (list === 'append') for (const element of elements) words.push(`--${name} ${element}`)
      else if (elements.length > 0) words.push(`--${name} ${elements.join(' ')}`)
    } else {
      words.push(`--${name} ${typeof value === 'string' ? quoted(value) : renderText(value)}`)
    }
  }
  return words.join(' ')
}

function* flattened(map: ValueMap, above = ''): Generator<readonly [string, Value]> {
  for (const [key, value] of map) {
    if (isMap(value)) yield* flattened(value, `${above}${key}.`)
    else yield [above + key, value]
  }
}

/** Within a list DVC leaves booleans to Python. */
function renderElement(value: Value): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? quoted(value) : renderText(value)
}

/** Returns a text as one word of a POSIX shell. */
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  return `'${text.replaceAll("'", `'"'"'`)}'`
}
