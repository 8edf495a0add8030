import type { XmlElement } from '../shared/xml-element.ts'
import { escapeXml } from '../shared/xml-text.ts'
import { inStyleOrder, type XmlStyle } from './xml-style.ts'

/** Returns an element with text only, for writing. */
export function textElement(name: string, text: string): XmlElement {
  return { name, attributes: [], children: [], text, line: 0 }
}

/** Returns an element with children only, for writing. */
export function parentElement(name: string, children: readonly XmlElement[]): XmlElement {
  return { name, attributes: [], children, text: '', line: 0 }
}

/** Returns a document as text, children in the order of the style. */
export function formatXml(root: XmlElement, style: XmlStyle): string {
  const lines = style.declaration === '' ? [] : [style.declaration]
  addLines(root, '', style, lines)
  return lines.join(style.newline) + (style.endsWithNewline ? style.newline : '')
}

function addLines(element: XmlElement, indent: string, style: XmlStyle, lines: string[]): void {
  const { name, attributes, children, text } = element
  const tag = name + attributes.map(([key, value]) => ` ${key}="${escapeXml(value)}"`).join('')
  if (children.length === 0) {
    lines.push(`${indent}<${tag}>${escapeXml(text)}</${name}>`)
    return
  }
  lines.push(`${indent}<${tag}>${escapeXml(text.trim())}`)
  for (const child of inStyleOrder(name, children, style)) {
    addLines(child, indent + style.indent, style, lines)
  }
  lines.push(`${indent}</${name}>`)
}
