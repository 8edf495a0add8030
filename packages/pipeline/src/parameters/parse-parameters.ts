import { parseYaml } from '../read/parse-yaml.ts'
import { decodeText } from '../read/decode-text.ts'
import type { Value } from '../read/value.ts'
import { parseJson } from './parse-json.ts'
import { parsePython } from './parse-python.ts'
import { parseToml } from './parse-toml.ts'

/**
 * Returns what a parameter or metrics file holds, by the ending of its name: JSON, TOML, the literals that a Python
 * file assigns, and YAML for all else. An empty file is an empty mapping.
 *
 * @throws `DSV_PIPELINE_FILE_UNREADABLE`
 */
export function parseParameters(bytes: Uint8Array, file: string): Value {
  const text = decodeText(bytes, file)
  const ending = /\.[^./]+$/.exec(file)?.[0].toLowerCase() ?? ''
  switch (ending) {
    case '.json':
      return parseJson(text, file)
    case '.toml':
      return parseToml(text, file)
    case '.py':
      return parsePython(text, file)
    default:
      return parseYaml(text, file) ?? new Map<string, Value>()
  }
}
