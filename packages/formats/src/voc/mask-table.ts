import type { Category } from '@dsv/core'
import { colorNumber, type Rgb, vocColor, VOID_INDEX } from './color-map.ts'
import { isPart } from './label-map.ts'

/** What the pixels of a class mask mean: 0 background, {@link VOID_CODE}, or category position + 1. */
export type ClassCode = number

/** Pixels of no class, and the border around objects. */
export const VOID_CODE = -1

/** How categories, palette indexes and colours belong together. */
export interface MaskTable {
  /** Categories by code − 1. */
  readonly categories: readonly Category[]
  /** Codes by palette index. */
  readonly codeOfIndex: ReadonlyMap<number, ClassCode>
  readonly indexOfCode: ReadonlyMap<ClassCode, number>
  readonly codeOfKey: ReadonlyMap<string, ClassCode>
  /** Codes by {@link colorNumber}; undefined when several labels share a colour. */
  readonly codeOfColor: ReadonlyMap<number, ClassCode> | undefined
  /** 256 colours, `r, g, b` each. */
  readonly palette: Uint8Array
}

/**
 * Returns the table of a dataset. A category `background` means background; without one index 0 is
 * background and the first category has index 1. Index 255 is void.
 */
export function maskTable(all: readonly Category[]): MaskTable {
  const categories = all.filter((category) => !isPart(category))
  const background = categories.findIndex(({ name }) => name.toLowerCase() === 'background')
  const offset = background < 0 ? 1 : 0
  const palette = Uint8Array.from({ length: 256 * 3 }, (_, at) => {
    return vocColor(Math.floor(at / 3))[at % 3] ?? 0
  })
  const codes = new Map<ClassCode, number>([[VOID_CODE, VOID_INDEX]])
  const codeOfKey = new Map<string, ClassCode>()
  const colors: (readonly [Rgb, ClassCode])[] = [[vocColor(VOID_INDEX), VOID_CODE]]
  if (background < 0) {
    codes.set(0, 0)
    colors.push([[0, 0, 0], 0])
  }
  for (const [position, category] of categories.entries()) {
    const code = position === background ? 0 : position + 1
    const index = position + offset
    codeOfKey.set(category.key, code)
    if (index >= VOID_INDEX) continue
    const color = category.color ?? vocColor(index)
    codes.set(code, index)
    colors.push([color, code])
    palette.set(color, index * 3)
  }
  return {
    categories,
    codeOfIndex: new Map([...codes].map(([code, index]) => [index, code])),
    indexOfCode: codes,
    codeOfKey,
    codeOfColor: byColor(colors),
    palette,
  }
}

function byColor(
  colors: readonly (readonly [Rgb, ClassCode])[],
): ReadonlyMap<number, ClassCode> | undefined {
  const found = new Map<number, ClassCode>()
  for (const [color, code] of colors) {
    const number = colorNumber(color)
    const other = found.get(number)
    // A label may have the colour of void: then void is that label.
    if (other !== undefined && other !== VOID_CODE) return undefined
    found.set(number, code)
  }
  return found
}
