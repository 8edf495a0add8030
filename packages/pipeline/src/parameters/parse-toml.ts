import { parse, TomlError } from 'smol-toml'
import { fileUnreadable } from '../errors.ts'
import { toValue } from '../read/to-value.ts'
import type { Value } from '../read/value.ts'

/** Returns what a TOML 1.0 text holds; dates are texts. @throws `DSV_PIPELINE_FILE_UNREADABLE` with the line */
export function parseToml(text: string, file: string): Value {
  let parsed: unknown
  try {
    parsed = parse(text, { integersAsBigInt: true, maxDepth: 100 })
  } catch (error) {
    if (!(error instanceof TomlError)) throw fileUnreadable(file, 'is no valid TOML')
    const [problem = ''] = error.message.split('\n', 1)
    throw fileUnreadable(file, `is no valid TOML (${problem})`, error.line)
  }
  return toValue(parsed, file)
}
