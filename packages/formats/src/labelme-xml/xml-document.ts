import { isXmlText, escapeXml } from '../shared/xml-text.ts'
import type { XmlElement } from '../shared/xml-element.ts'

/** Returns an element that holds text. */
export function textElement(name: string, text: string): XmlElement {
  return { name, attributes: [], children: [], text, line: 0 }
}

/** Returns an element that holds others. */
export function parentElement(name: string, children: readonly XmlElement[]): XmlElement {
  return { name, attributes: [], children, text: '', line: 0 }
}

/** Returns a document as text, indented by two spaces. */
export function formatDocument(root: XmlElement): string {
  return linesOf(root, '').join('')
}

function linesOf(element: XmlElement, indent: string): readonly string[] {
  const { name, children, text } = element
  const attributes = element.attributes.map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
  const start = `${indent}<${name}${attributes.join('')}`
  if (children.length === 0) {
    return [text === '' ? `${start}/>\n` : `${start}>${safeText(text)}</${name}>\n`]
  }
  const inside = children.flatMap((child) => linesOf(child, `${indent}  `))
  return [`${start}>\n`, ...inside, `${indent}</${name}>\n`]
}

/** Characters that XML cannot hold are left out. */
function safeText(text: string): string {
  if (isXmlText(text)) return escapeXml(text)
  return escapeXml(Array.from(text, (each) => (isXmlText(each) ? each : '')).join(''))
}
