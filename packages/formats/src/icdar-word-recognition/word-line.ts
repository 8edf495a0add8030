import { isImagePath } from '../media/media-kind.ts'
import { onOneLine, quoteText, unquoteText } from '../shared/quoted-text.ts'

/** One line: an image and what is written in it. */
export interface WordLine {
  readonly image: string
  /** Undefined where the line names only the image. */
  readonly text: string | undefined
}

/** Reads `word_1.png, "PROPER"`; undefined when it is something else. */
export function parseWordLine(raw: string): WordLine | undefined {
  const line = raw.trim()
  const quoted = /^(.+?)\s*,\s*("(?:[^"\\]|\\.)*")$/u.exec(line)
  const plain = quoted ?? /^(.+?\.\w+)\s*(?:,\s*(.*))?$/u.exec(line)
  const [, image = '', text = ''] = plain ?? []
  if (!isImagePath(image)) return undefined
  return { image: image.replaceAll('\\', '/'), text: text === '' ? undefined : unquoteText(text) }
}

/** Returns the line of an image, with its newline. */
export function wordLine({ image, text }: WordLine): string {
  return text === undefined ? `${image},\n` : `${image}, ${quoteText(onOneLine(text))}\n`
}
