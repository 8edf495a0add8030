import { formatSyntax } from '@dsv/core'
import { decodeText } from '../shared/text-reader.ts'
import type { AdeImage, AdeObject } from './ade-object.ts'

/**
 * Reads `id # level # occluded # class # name # "attributes"` lines, as in 2017.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseAttributes(bytes: Uint8Array, file: string): AdeImage {
  const lines = decodeText(bytes, file).split(/\r?\n/u)
  const objects = lines.flatMap((line, index) => {
    return line.trim() === '' ? [] : [parseLine(line, file, index + 1)]
  })
  return { objects, attributes: {} }
}

function parseLine(line: string, file: string, number: number): AdeObject {
  const columns = line.split('#').map((text) => text.trim())
  const [id = '', level = '', occluded = '', className = '', name = '', attributes = ''] = columns
  const quoted = /^"(.*)"$/u.exec(attributes)
  const isNumbered = [id, level].every((text) => /^\d{1,9}$/u.test(text))
  if (columns.length !== 6 || quoted === null || !isNumbered || name === '') {
    throw formatSyntax(
      file,
      `line ${number}: "${line.slice(0, 100)}" is not id # level # occluded # class # name # "…"`,
    )
  }
  const names = (quoted[1] ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
  return {
    id: Number(id),
    level: Number(level),
    name,
    className,
    classNumber: undefined,
    occluded: occluded === '1' ? true : occluded === '0' ? false : undefined,
    truncated: undefined,
    attributes: Object.fromEntries(names.map((each) => [each, true])),
    mask: undefined,
    polygon: [],
    extra: {},
  }
}
