import { formatSyntax } from '@dsv/core'
import { sizeOf } from '../shared/size-text.ts'

/** What Datumaro's `<subset>-meta.gz` says of an image. */
export interface MetaRow {
  readonly id?: string
  readonly size?: { readonly width: number; readonly height: number }
}

/** Most letters that a name can have: numpy's `<U32`. */
export const MAX_META_LETTERS = 32
/** Bytes of one cell. */
export const META_CELL_BYTES: number = MAX_META_LETTERS * 4

/**
 * Parses cells of UTF-32 (little endian, padded with zeros): an id for each image, or its height and
 * width, or all three.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseMeta(bytes: Buffer, count: number, path: string): readonly MetaRow[] {
  const columns = bytes.length / META_CELL_BYTES / count
  if (columns !== 1 && columns !== 2 && columns !== 3) {
    throw formatSyntax(path, `has ${bytes.length} bytes, which do not fit ${count} images`)
  }
  return Array.from({ length: count }, (_, index) => {
    const cells = Array.from({ length: columns }, (_unused, column) =>
      cellText(bytes, (index * columns + column) * META_CELL_BYTES, path),
    )
    const [first = ''] = cells
    return {
      ...(columns !== 2 && { id: first }),
      ...(columns !== 1 && { size: sizeOf(cells.slice(-2), `${path}: image ${index}`) }),
    }
  })
}

/** Returns the bytes of such a table. */
export function formatMeta(rows: readonly (readonly string[])[]): Uint8Array {
  const cells = rows.flat()
  const bytes = Buffer.alloc(cells.length * META_CELL_BYTES)
  for (const [at, cell] of cells.entries()) {
    for (const [letter, text] of Array.from(cell).entries()) {
      bytes.writeUInt32LE(text.codePointAt(0) ?? 0, at * META_CELL_BYTES + letter * 4)
    }
  }
  return bytes
}

function cellText(bytes: Buffer, start: number, path: string): string {
  let text = ''
  for (let at = start; at < start + META_CELL_BYTES; at += 4) {
    const point = bytes.readUInt32LE(at)
    if (point === 0) break
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
      throw formatSyntax(path, `has no letter at byte ${at}`)
    text += String.fromCodePoint(point)
  }
  return text
}
