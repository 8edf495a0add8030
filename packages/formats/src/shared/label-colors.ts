import type { AdapterContext, Category } from '@dsv/core'

/** A colour as red, green, blue, 0…255. */
export type Rgb = readonly [red: number, green: number, blue: number]

/**
 * Returns the colour of an index in the colour map of Pascal VOC: the bits of the index, lowest first,
 * go to red, green and blue in turn, from the highest bit down.
 *
 * @see http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/index.html `VOClabelcolormap`
 */
export function vocColor(index: number): Rgb {
  let [red, green, blue] = [0, 0, 0]
  for (let bit = 0; bit < 8; bit++) {
    const bits = index >> (bit * 3)
    red |= (bits & 1) << (7 - bit)
    green |= ((bits >> 1) & 1) << (7 - bit)
    blue |= ((bits >> 2) & 1) << (7 - bit)
  }
  return [red, green, blue]
}

/** Returns one number for a colour, to look it up by. */
export function colorNumber([red, green, blue]: Rgb): number {
  return (red << 16) | (green << 8) | blue
}

/** A label and the colour that masks show it in. */
export interface ColoredLabel {
  readonly name: string
  readonly color?: Rgb
}

/** Returns categories of labels; where none has a colour, each gets that of its place. */
export function coloredCategories(labels: readonly ColoredLabel[]): readonly Category[] {
  const isPlain = labels.every(({ color }) => color === undefined)
  return labels.map(({ name, color }, index) => {
    const own = isPlain ? vocColor(index) : color
    return { key: name, name, ...(own !== undefined && { color: own }) }
  })
}

/**
 * Returns a colour of its own for each category whose name can be written: the one it has, else one
 * that no other has, never black. Reports names that cannot be written or were there before, and colours
 * that two categories share.
 */
export function distinctColors(
  categories: readonly Category[],
  isName: (name: string) => boolean,
  onLoss: AdapterContext['onLoss'],
): ReadonlyMap<string, Rgb> {
  const names = new Set<string>()
  const held = categories.filter(({ name }) => {
    if (isName(name) && !names.has(name)) {
      names.add(name)
      return true
    }
    onLoss({ what: 'category', where: name })
    return false
  })
  const owners = new Map<number, string>()
  for (const { key, color } of held) {
    const number = color === undefined ? undefined : colorNumber(color)
    if (number !== undefined && !owners.has(number)) owners.set(number, key)
  }
  const colors = new Map<string, Rgb>()
  let next = 1
  for (const { key, name, color } of held) {
    if (color !== undefined && owners.get(colorNumber(color)) === key) {
      colors.set(key, color)
      continue
    }
    if (color !== undefined) onLoss({ what: 'category field: color', where: name })
    while (owners.has(colorNumber(vocColor(next)))) next += 1
    owners.set(colorNumber(vocColor(next)), key)
    colors.set(key, vocColor(next))
  }
  return colors
}
