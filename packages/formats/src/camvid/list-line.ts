import { formatSyntax } from '@dsv/core'
import { isImagePath } from '../media/media-kind.ts'

/** One line of a list: an image, and the image of its labels. */
export interface ListLine {
  readonly image: string
  readonly mask: string | undefined
}

/** Longer lines are searched for no file names with spaces. */
const MAX_LINE = 2048

/**
 * Reads `image mask`, both quoted when one holds spaces; a line of an image alone has no mask. Both
 * begin with `/`, which is the folder of the list.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseListLine(line: string, file: string, number: number): ListLine {
  const text = line.trim()
  const quoted = /^"([^"]*)"(?:\s+"([^"]*)")?$/u.exec(text)
  const plain = quoted ?? /^([^\s"]+)(?:\s+([^\s"]+))?$/u.exec(text)
  const [image, mask] = [plain?.[1] ?? '', plain?.[2] ?? '']
  if (isImagePath(image) && (mask === '' || isImagePath(mask))) {
    return { image, mask: mask === '' ? undefined : mask }
  }
  // Whoever wrote it forgot the quotes: the file names have extensions.
  const loose =
    text.length > MAX_LINE ? null : /^(.+?\.[a-z0-9]+)\s+(\S.*\.[a-z0-9]+)$/iu.exec(text)
  const [left, right] = [loose?.[1] ?? text, loose?.[2]]
  if (text.includes('"') || !isImagePath(left) || (right !== undefined && !isImagePath(right))) {
    throw formatSyntax(file, `line ${number}: "${text.slice(0, 100)}" does not name an image`)
  }
  return { image: left, mask: right }
}

/** Returns one line of a list. */
export function formatListLine({ image, mask = '' }: ListLine): string {
  const paths = [`/${image}`, mask === '' ? '' : `/${mask}`]
  if (!paths.some((path) => /\s/u.test(path))) return `${paths.join(' ')}\n`
  return `"${paths[0] ?? ''}" "${paths[1] ?? ''}"\n`
}

/** Returns the id of the item of an image: its path below the folder of its subset, without extension. */
export function idOfImage(image: string, subset: string): string {
  const segments = image.split('/').filter((segment) => segment !== '' && segment !== '.')
  const folders = segments.slice(0, -1)
  const at = folders.indexOf(subset)
  const below = at >= 0 ? segments.slice(at + 1) : segments.slice(folders.length > 0 ? 1 : 0)
  const id = below.join('/')
  return id.replace(/\.[^./]*$/u, '') || id
}
