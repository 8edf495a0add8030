import { formatSyntax, type Json } from '@dsv/core'
import { SaxesParser } from 'saxes'
import { isObject } from './json-reader.ts'

/** An element of a small XML document. */
export interface XmlElement {
  readonly name: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly children: readonly XmlElement[]
  /** All text directly inside, joined, as written. */
  readonly text: string
  /** The line it begins in, from 1; 0 when it was not read from a file. */
  readonly line: number
}

/** A document: its root and what the file looks like outside of it. */
export interface XmlDocument {
  readonly root: XmlElement
  /** The text of the file without byte-order mark. */
  readonly source: string
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

const MAX_BYTES = 2 ** 26
const MAX_DEPTH = 64

/**
 * Parses a small XML file strictly. Document types, and with them all entities of one's own, are
 * refused; the encoding is that of the byte-order mark or the declaration, UTF-8 without either.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the line
 */
export function parseXml(bytes: Uint8Array, file: string): XmlDocument {
  const source = decodeXml(bytes, file)
  return { root: parseElements(source, file), source }
}

/** Returns the first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

/** Returns the value of an attribute. */
export function attributeOf({ attributes }: XmlElement, name: string): string | undefined {
  for (const [key, value] of attributes) if (key === name) return value
  return undefined
}

/** Returns an element as JSON: `name` and, where there are any, `attributes`, `children`, `text`. */
export function elementToJson({ name, attributes, children, text }: XmlElement): Json {
  const ownText = children.length > 0 && text.trim() === '' ? '' : text
  return {
    name,
    ...(attributes.length > 0 ? { attributes } : {}),
    ...(children.length > 0 ? { children: children.map(elementToJson) } : {}),
    ...(ownText === '' ? {} : { text: ownText }),
  }
}

/** Returns what {@link elementToJson} was given, or undefined when `json` is something else. */
export function elementFromJson(json: Json, depth = 0): XmlElement | undefined {
  if (!isObject(json) || depth > MAX_DEPTH) return undefined
  const { name, attributes, children, text } = json
  if (typeof name !== 'string' || !XML_NAME.test(name)) return undefined
  return {
    name,
    attributes: listOf(attributes).flatMap(readPair),
    children: listOf(children).flatMap((child) => elementFromJson(child, depth + 1) ?? []),
    text: typeof text === 'string' ? text : '',
    line: 0,
  }
}

/** Names that XML elements may have here: ASCII, without namespaces being looked at. */
export const XML_NAME: RegExp = /^[A-Za-z_:][\w.:-]*$/u

function listOf(json: Json | undefined): readonly Json[] {
  return Array.isArray(json) ? json : []
}

function readPair(json: Json): readonly (readonly [string, string])[] {
  const [name, value] = listOf(json)
  return typeof name === 'string' && typeof value === 'string' && XML_NAME.test(name)
    ? [[name, value]]
    : []
}

function decodeXml(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES) {
    throw formatSyntax(file, `has ${bytes.length} bytes; the limit for one image is ${MAX_BYTES}`)
  }
  const label = encodingOf(bytes)
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch (error) {
    const isKnown = isKnownEncoding(label)
    throw formatSyntax(
      file,
      isKnown
        ? `is not ${label} text; save it as UTF-8 or declare its encoding`
        : `declares the encoding "${label}", which is not known`,
      error,
    )
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0 && c !== undefined && d === 0)) {
    return 'utf-16le'
  }
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return 'utf-16be'
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/u.exec(start)?.[1]
  const label = declared?.toLowerCase() ?? 'utf-8'
  // Bytes that show ASCII text are not UTF-16, whatever the declaration says.
  return /^(?:utf-?16|ucs-?2|iso-10646-ucs-2|unicode$)/u.test(label) ? 'utf-8' : label
}

function isKnownEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

function parseElements(source: string, file: string): XmlElement {
  const parser = new SaxesParser({ xmlns: false, position: true })
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  parser.on('error', (error) => {
    const [, line, problem = error.message] = /^(\d+):\d+: (.*)$/su.exec(error.message) ?? []
    throw formatSyntax(file, `line ${line ?? parser.line}: ${withoutStop(problem)}`)
  })
  parser.on('doctype', () => {
    throw formatSyntax(file, `line ${parser.line}: a document type is not allowed`)
  })
  parser.on('opentagstart', (tag) => {
    if (open.length >= MAX_DEPTH) {
      throw formatSyntax(file, `line ${parser.line}: elements are nested deeper than ${MAX_DEPTH}`)
    }
    open.push({ name: tag.name, attributes: [], children: [], text: '', line: parser.line })
  })
  parser.on('opentag', (tag) => {
    const last = open.pop()
    if (last === undefined) return
    const entries = Object.entries(tag.attributes)
    open.push(entries.length === 0 ? last : { ...last, attributes: entries })
  })
  parser.on('text', (text) => {
    const last = open.at(-1)
    if (last !== undefined) last.text += text
  })
  parser.on('cdata', (text) => {
    const last = open.at(-1)
    if (last !== undefined) last.text += text
  })
  parser.on('closetag', () => {
    const closed = open.pop()
    if (closed === undefined) return
    const parent = open.at(-1)
    if (parent === undefined) root = closed
    else parent.children.push(closed)
  })
  parser.write(source).close()
  if (root === undefined) throw formatSyntax(file, 'has no XML element')
  return root
}

function withoutStop(problem: string): string {
  return problem.replace(/\.$/u, '')
}
