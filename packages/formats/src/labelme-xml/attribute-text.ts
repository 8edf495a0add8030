import type { Attributes, AttributeValue } from '@dsv/core'

/**
 * Reads the attributes of an object: free text, or `name=value` separated by commas. A name alone is
 * true; `\` stands before `=`, `"`, `,` and itself.
 *
 * @see {@link https://github.com/open-edge-platform/datumaro | Datumaro, `labelme.py`}
 */
export function parseAttributes(text: string): Attributes {
  const attributes: [string, AttributeValue][] = []
  for (const part of splitAt(text, ',', Infinity)) {
    const [name = '', value] = splitAt(part.trim(), '=', 2)
    if (unescaped(name) !== '') {
      attributes.push([unescaped(name), value === undefined ? true : valueOf(value)])
    }
  }
  return Object.fromEntries(attributes)
}

/** Returns the text of attributes; those of lists are left out. */
export function formatAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .flatMap(([name, value]) => {
      const isSimple = typeof value !== 'object'
      return isSimple
        ? [`${escaped(name)}=${typeof value === 'string' ? quoted(value) : value}`]
        : []
    })
    .join(', ')
}

function splitAt(text: string, separator: string, limit: number): readonly string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < text.length && parts.length < limit - 1; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === separator) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}

function valueOf(text: string): AttributeValue {
  if (/^(?:true|false)$/iu.test(text)) return text.toLowerCase() === 'true'
  if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) {
    return unescaped(text.slice(1, -1))
  }
  return isNumber(text) ? Number(text) : unescaped(text)
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text)) && String(Number(text)) === text
}

function quoted(text: string): string {
  const isPlain =
    text !== '' && text.trim() === text && !isNumber(text) && !/^(?:true|false)$/iu.test(text)
  return isPlain ? escaped(text) : `"${escaped(text)}"`
}

function escaped(text: string): string {
  return text.replaceAll(/[\\=",]/gu, '\\$&')
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\=",])/gu, '$1')
}
