import { escapeText, type Markup } from './markup.ts'

/** Returns a number of a drawing: hundredths of a pixel are enough. */
export function at(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Returns a drawing with its heading. It shrinks with the page; readers of the screen are told its title. */
export function figure(title: string, size: readonly [number, number], inside: string): Markup {
  const [width, height] = size
  const label = escapeText(title)
  return {
    html:
      `<figure><figcaption>${label}</figcaption>` +
      `<svg viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" role="img" aria-label="${label}">` +
      `${inside}</svg></figure>\n`,
  }
}

/** Where a text of a drawing stands. */
export interface TextPlace {
  readonly x: number
  readonly y: number
  readonly anchor?: 'start' | 'middle' | 'end'
  /** Degrees, clockwise about its place. */
  readonly turn?: number
  /** Name of a class of the page. */
  readonly className?: string
}

/** Returns a text of a drawing. */
export function svgText(text: string, { x, y, anchor, turn, className }: TextPlace): string {
  const side = anchor === undefined ? '' : ` text-anchor="${anchor}"`
  const turned = turn === undefined ? '' : ` transform="rotate(${turn} ${at(x)} ${at(y)})"`
  const named = className === undefined ? '' : ` class="${className}"`
  return `<text x="${at(x)}" y="${at(y)}"${side}${turned}${named}>${escapeText(text)}</text>`
}

/** Returns a line of a drawing. */
export function svgLine(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  className: string,
): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${className}"/>`
}

/** Returns a rectangle of a drawing; what it stands for is shown while the pointer is on it. */
export function svgRect(
  [x, y, width, height]: readonly [number, number, number, number],
  className: string,
  tip: string,
): string {
  return (
    `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" class="${className}">` +
    `<title>${escapeText(tip)}</title></rect>`
  )
}

/** Returns a point of a drawing; what it stands for is shown while the pointer is on it. */
export function svgDot(x: number, y: number, className: string, tip: string): string {
  return (
    `<circle cx="${at(x)}" cy="${at(y)}" r="3" class="${className}">` +
    `<title>${escapeText(tip)}</title></circle>`
  )
}
