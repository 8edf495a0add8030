import { formatSyntax } from '@dsv/core'
import { decodeText, splitLines } from '../shared/text-reader.ts'

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/**
 * Reads `images.meta`: a line of name, height and width for each image; names with spaces are quoted as
 * in a shell.
 *
 * @see {@link https://github.com/open-edge-platform/datumaro | Datumaro, `load_image_meta_file`}
 * @throws `DSV_FORMAT_SYNTAX` with the line
 */
export function parseImageSizes(bytes: Uint8Array, file: string): ReadonlyMap<string, ImageSize> {
  const sizes = new Map<string, ImageSize>()
  for (const [at, line] of splitLines(decodeText(bytes, file)).lines.entries()) {
    if (line.trim() === '') continue
    const match = /^\s*("(?:[^"\\]|\\.)*"|'[^']*'|\S+)\s+(\d{1,9})\s+(\d{1,9})\s*$/u.exec(line)
    const [, name = '', height, width] = match ?? []
    if (match === null) {
      throw formatSyntax(file, `line ${at + 1} should be a name, a height and a width`)
    }
    sizes.set(unquoted(name), { width: Number(width), height: Number(height) })
  }
  return sizes
}

/** Returns one line of `images.meta`. */
export function imageSizeLine(name: string, { width, height }: ImageSize): string {
  const isPlain = /^[\w./@%+=:,-]+$/u.test(name)
  const quoted = isPlain ? name : `"${name.replaceAll(/["\\]/gu, '\\$&')}"`
  return `${quoted} ${height} ${width}\n`
}

function unquoted(name: string): string {
  if (name.startsWith("'")) return name.slice(1, -1)
  return name.startsWith('"') ? name.slice(1, -1).replaceAll(/\\(.)/gu, '$1') : name
}
