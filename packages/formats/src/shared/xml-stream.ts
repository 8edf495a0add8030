import { formatSyntax, type OpenFile } from '@dsv/core'
import { SaxesParser } from 'saxes'
import { TextDecoder } from 'node:util'
import { encodingProblem } from './text-reader.ts'
import type { XmlElement } from './xml-element.ts'

/** What to read of a large XML file. */
export interface XmlStreamOptions {
  /** Name of the file, for messages. */
  readonly name: string
  /** What the root element has to be called. */
  readonly root: string
  /** Elements below the root of other names are skipped; default: all are read. */
  readonly wanted?: ReadonlySet<string>
  readonly signal: AbortSignal
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

const PIECE_BYTES = 2 ** 20
const MAX_DEPTH = 64
/** A single element below the root may hold this many others. */
const MAX_ELEMENTS = 2 ** 24

/**
 * Yields the elements directly below the root of an XML file that may be larger than memory, each with
 * all that it holds. Document types, and with them all entities of one's own, are refused.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the line
 * @yields the elements in the order of the file
 */
export async function* streamXml(
  file: OpenFile,
  { name, root, wanted, signal }: XmlStreamOptions,
): AsyncGenerator<XmlElement> {
  const parser = new SaxesParser({ xmlns: false, position: true })
  const done: XmlElement[] = []
  const open: OpenElement[] = []
  let depth = 0
  let count = 0
  let hasRoot = false
  const fail = (problem: string): Error => {
    return formatSyntax(name, `line ${parser.line}: ${problem.replace(/\.$/u, '')}`)
  }
  parser.on('error', ({ message }) => {
    throw fail(/^\d+:\d+: (.*)$/su.exec(message)?.[1] ?? message)
  })
  parser.on('doctype', () => {
    throw fail('a document type is not allowed')
  })
  parser.on('opentag', (tag) => {
    depth += 1
    if (depth > MAX_DEPTH) throw fail(`elements are nested deeper than ${MAX_DEPTH}`)
    if (depth === 1) {
      if (tag.name !== root) throw fail(`should be <${root}>, but is <${tag.name}>`)
      hasRoot = true
      return
    }
    if (depth === 2) count = 0
    if (open.length === 0 && (depth > 2 || wanted?.has(tag.name) === false)) return
    count += 1
    if (count > MAX_ELEMENTS) throw fail(`<${tag.name}> is one of more than ${MAX_ELEMENTS}`)
    const attributes = Object.entries(tag.attributes)
    open.push({ name: tag.name, attributes, children: [], text: '', line: parser.line })
  })
  const addText = (text: string): void => {
    const last = open.at(-1)
    if (last !== undefined) last.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    depth -= 1
    const closed = open.pop()
    if (closed === undefined) return
    const parent = open.at(-1)
    if (parent === undefined) done.push(closed)
    else parent.children.push(closed)
  })
  for await (const text of textOf(file, name, signal)) {
    try {
      parser.write(text)
    } finally {
      // What was whole before an error is still what the file says.
      yield* done.splice(0)
    }
  }
  parser.close()
  yield* done.splice(0)
  if (!hasRoot) throw fail('has no XML element')
}

/** The text of a file piece by piece; the encoding is UTF-8, or what the declaration says. */
async function* textOf(file: OpenFile, name: string, signal: AbortSignal): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  for (let offset = 0; ;) {
    signal.throwIfAborted()
    const bytes = await file.read(offset, PIECE_BYTES)
    if (bytes.length === 0) break
    decoder ??= decoderOf(bytes, name)
    yield decode(decoder, bytes, name)
    offset += bytes.length
  }
  if (decoder !== undefined) yield decode(decoder, undefined, name)
}

function decoderOf(bytes: Uint8Array, name: string): TextDecoder {
  const problem = encodingProblem(bytes)
  if (problem !== undefined) throw formatSyntax(name, problem)
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const [, declared = 'utf-8'] =
    /^[^<]*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)/u.exec(start) ?? []
  const label = /^(?:utf-?16|ucs-?2|iso-10646-ucs-2|unicode)$/iu.test(declared) ? 'utf-8' : declared
  try {
    return new TextDecoder(label, { fatal: true })
  } catch (error) {
    throw formatSyntax(name, `declares the encoding "${declared}", which is not known`, error)
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined, name: string): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch (error) {
    throw formatSyntax(name, `is not ${decoder.encoding} text`, error)
  }
}
