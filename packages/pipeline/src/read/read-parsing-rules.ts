import { decodeText } from './decode-text.ts'
import type { PipelineReader } from './pipeline-reader.ts'
import type { ParsingRules } from './render-arguments.ts'

const FILE = '.dvc/config'

/** Returns how DVC's settings in the repository say that mappings become options of a command. */
export async function readParsingRules(reader: PipelineReader): Promise<ParsingRules> {
  const bytes = await reader.read(FILE)
  const found = new Map<string, string>()
  let section = ''
  for (const line of bytes === undefined ? [] : decodeText(bytes, FILE).split('\n')) {
    section = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]?.toLowerCase() ?? section
    const [, key, value] = /^\s*(bool|list)\s*=\s*['"]?(\w+)/i.exec(line) ?? []
    if (section === 'parsing' && key !== undefined && value !== undefined)
      found.set(key.toLowerCase(), value.toLowerCase())
  }
  return {
    bool: found.get('bool') === 'boolean_optional' ? 'boolean_optional' : 'store_true',
    list: found.get('list') === 'append' ? 'append' : 'nargs',
  }
}
