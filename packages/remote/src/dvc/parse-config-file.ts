import { dvcMetadataInvalid } from '../errors.ts'

/** Sections of a config file by name, lower-case; `''` has what stands before the first. */
export type ConfigSections = ReadonlyMap<string, ReadonlyMap<string, string>>

const MAX_BYTES = 2 ** 20

/** A section's name may be quoted: `['remote "name"']`. */
const SECTION =
  /^\[\s*(?:"(?<double>[^\]]*)"|'(?<single>[^\]]*)'|(?<bare>[^\]]*?))\s*\]\s*(?:#.*)?$/
const KEYWORD =
  /^(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^'"=][^=]*?))\s*=\s*(?<value>.*)$/

/**
 * Reads a config file of DVC: the INI dialect of ConfigObj, in which names of sections and values may be
 * quoted, a value may take many lines between three quotes, and `#` begins a comment.
 *
 * Follows [ConfigObj](https://configobj.readthedocs.io/en/latest/configobj.html#the-config-file-format);
 * nested sections, which DVC does not have, are refused. A list stays the text that it is.
 *
 * @throws `DSV_DVC_METADATA_INVALID` with the line
 */
export function parseConfigFile(bytes: Uint8Array, file: string): ConfigSections {
  if (bytes.length > MAX_BYTES) throw dvcMetadataInvalid(file, 'is too large')
  const lines = new TextDecoder()
    .decode(bytes)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
  const sections = new Map<string, Map<string, string>>()
  let section = open('')
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trim()
    const problem = (what: string): Error =>
      dvcMetadataInvalid(file, `line ${at + 1} ${what}: ${JSON.stringify(line.slice(0, 40))}`)
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[')) {
      const name = oneOf(SECTION.exec(line)?.groups)
      if (name === undefined || name.startsWith('[')) throw problem('names no section')
      section = open(name.trim())
      continue
    }
    const found = KEYWORD.exec(line)?.groups
    const key = oneOf(found)
    const value = found?.['value']
    if (key === undefined || value === undefined) throw problem('is neither a section nor a value')
    const quotes = /^("""|''')/.exec(value)?.[0]
    if (quotes === undefined) {
      section.set(key.trim().toLowerCase(), unquote(value))
      continue
    }
    const parts = [value.slice(3)]
    while (!(parts.at(-1) ?? '').includes(quotes)) {
      at += 1
      const next = lines[at]
      if (next === undefined) throw problem('begins a value that does not end')
      parts.push(next)
    }
    const joined = parts.join('\n')
    section.set(key.trim().toLowerCase(), joined.slice(0, joined.indexOf(quotes)))
  }
  return sections

  function open(name: string): Map<string, string> {
    // Names of remotes keep their case in files that DVC wrote only if it was lower all along.
    const key = name.toLowerCase()
    const known = sections.get(key) ?? new Map<string, string>()
    sections.set(key, known)
    return known
  }
}

function oneOf(groups: Readonly<Record<string, string>> | undefined): string | undefined {
  return groups?.['double'] ?? groups?.['single'] ?? groups?.['bare']
}

function unquote(value: string): string {
  const [, quoted] =
    /^"([^"]*)"\s*(?:#.*)?$/.exec(value) ?? /^'([^']*)'\s*(?:#.*)?$/.exec(value) ?? []
  if (quoted !== undefined) return quoted
  const comment = value.indexOf('#')
  return (comment < 0 ? value : value.slice(0, comment)).trim()
}
