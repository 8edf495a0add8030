import type { Category, Json } from '@dsv/core'

/** Returns the colour of a tag, `#rrggbb`; undefined when it is none. */
export function parseColor(json: Json | undefined): Category['color'] {
  const match = typeof json === 'string' ? /^#([\da-f]{6})$/iu.exec(json) : null
  if (match === null) return undefined
  const number = Number.parseInt(match[1] ?? '', 16)
  return [number >> 16, (number >> 8) & 255, number & 255]
}

/** Returns a colour as tags have it; tags without get different ones. */
export function formatColor(color: Category['color'], at: number): string {
  const [red, green, blue] = color ?? usualColor(at)
  const number = red * 65_536 + green * 256 + blue
  return `#${number.toString(16).padStart(6, '0')}`
}

/** Colours far apart: the bits of the number, turned about, in turn on the three channels. */
function usualColor(at: number): readonly [number, number, number] {
  const channels: [number, number, number] = [0, 0, 0]
  for (let bit = 0, rest = at + 1; bit < 8; bit += 1, rest >>= 3) {
    for (const channel of [0, 1, 2] as const) {
      channels[channel] |= ((rest >> channel) & 1) << (7 - bit)
    }
  }
  return channels
}
