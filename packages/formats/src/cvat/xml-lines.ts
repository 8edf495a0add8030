import { escapeXml } from '../shared/xml-text.ts'

/** Attributes of an element that is written; those that are undefined are left out. */
export type WrittenAttributes = readonly (readonly [
  name: string,
  value: string | number | boolean | undefined,
])[]

/** Returns the start of an element without its closing bracket: `<box label="car"`. */
export function startTag(name: string, attributes: WrittenAttributes): string {
  let text = `<${name}`
  for (const [key, value] of attributes) {
    if (value === undefined) continue
    const plain = typeof value === 'boolean' ? (value ? '1' : '0') : String(value)
    text += ` ${key}="${escapeAttribute(plain)}"`
  }
  return text
}

/** Returns an element with text only. */
export function textTag(name: string, text: string, attributes: WrittenAttributes = []): string {
  return `${startTag(name, attributes)}>${escapeXml(text)}</${name}>`
}

/** Line breaks and tabs in the values of attributes would be read as spaces. */
function escapeAttribute(text: string): string {
  return escapeXml(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
}
