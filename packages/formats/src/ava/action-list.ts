import { formatSyntax } from '@dsv/core'
import { decodeText } from '../shared/text-reader.ts'

/** One action of a list. */
export interface Action {
  readonly id: number
  readonly name: string
  /** `PERSON_MOVEMENT`, `OBJECT_MANIPULATION`, `PERSON_INTERACTION`. */
  readonly kind: string | undefined
}

const TEXT = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/u.source
const BLOCK = new RegExp(`(?:label|item)\\s*(?::\\s*)?\\{((?:[^{}"']|${TEXT})*)\\}`, 'gsu')
const NAME = new RegExp(`(?:^|[\\s,;])name\\s*:\\s*(${TEXT})`, 'su')
const ID = /(?:^|[\s,;])(?:label_)?id\s*:\s*(\d{1,9})(?![\w.])/u
const KIND = /(?:^|[\s,;])label_type\s*:\s*([A-Z_]{1,64})/u

/**
 * Reads the list of actions: a `LabelList` (or `StringIntLabelMap`) in the text form of protocol
 * buffers.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseActionList(bytes: Uint8Array, file: string): readonly Action[] {
  const text = decodeText(bytes, file).replace(/^[ \t]*#.*$/gmu, '')
  const actions = [...text.matchAll(BLOCK)].map(([, block = '']): Action => {
    const name = NAME.exec(block)?.[1]
    // A number that is not written is 0.
    const id = ID.exec(block)?.[1] ?? '0'
    if (name === undefined) {
      throw formatSyntax(file, `has a label without name: ${block.trim().slice(0, 80)}`)
    }
    return { id: Number(id), name: unescapeText(name.slice(1, -1)), kind: KIND.exec(block)?.[1] }
  })
  const rest = text.replaceAll(BLOCK, '').trim()
  if (rest !== '') throw formatSyntax(file, `is no list of labels: ${rest.slice(0, 80)}`)
  return actions
}

/** Returns a list of actions as text. */
export function formatActionList(actions: readonly Action[]): string {
  return actions
    .map(({ id, name, kind }) => {
      const type = kind === undefined ? '' : `  label_type: ${kind}\n`
      return `label {\n  name: "${escapeText(name)}"\n  label_id: ${id}\n${type}}\n`
    })
    .join('')
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** Numbers are bytes of UTF-8. */
function unescapeText(text: string): string {
  const parts = text.match(/\\[0-7]{1,3}|\\x[\da-f]{1,2}|\\.|[^\\]+/gisu) ?? []
  const bytes = parts.map((part) => {
    if (!part.startsWith('\\')) return Buffer.from(part)
    const rest = part.slice(1)
    if (/^[0-7]/u.test(rest)) return Buffer.from([Number.parseInt(rest, 8) & 0xff])
    if (/^x./iu.test(rest)) return Buffer.from([Number.parseInt(rest.slice(1), 16)])
    return Buffer.from(ESCAPES.get(rest) ?? rest)
  })
  return Buffer.concat(bytes).toString('utf8')
}

function escapeText(text: string): string {
  return text
    .replaceAll(/["\\]/gu, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
}
