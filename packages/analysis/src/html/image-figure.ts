import { escapeText, type Markup } from './markup.ts'

/** An image that is put into a page. */
export interface ImageFigure {
  readonly title: string
  /** `image/png` and the like. */
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** Returns an image with its heading. Its bytes are part of the page; an SVG runs no script there. */
export function imageFigure({ title, mediaType, bytes }: ImageFigure): Markup {
  const label = escapeText(title)
  const data = Buffer.from(bytes).toString('base64')
  const source = `data:${escapeText(mediaType)};base64,${data}`
  return {
    html: `<figure><figcaption>${label}</figcaption><img src="${source}" alt="${label}"></figure>\n`,
  }
}
