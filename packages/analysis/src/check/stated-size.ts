import type { Item, Json } from '@dsv/core'

/**
 * Returns the size that an annotation file states beside that of the medium: Pascal VOC's `<size>`, which is kept as it
 * is where it differs from the image. Undefined where none is kept, or it is no size.
 */
export function statedSize({ extra }: Pick<Item, 'extra'>): readonly [number, number] | undefined {
  const size = elementsOf(extra?.['voc']).find(isSize)
  if (!isObject(size)) return undefined
  const parts = Array.isArray(size['children']) ? size['children'] : []
  const [width, height] = ['width', 'height'].map((name) => {
    const part = parts.find((each) => isObject(each) && each['name'] === name)
    return isObject(part) ? Number(part['text']) : Number.NaN
  })
  if (width === undefined || height === undefined) return undefined
  return width > 0 && height > 0 ? [width, height] : undefined
}

/** Returns the item without the size that its annotation file states: files then say that of the medium. */
export function withoutStatedSize<Stated extends Pick<Item, 'extra'>>(item: Stated): Stated {
  const voc = item.extra?.['voc']
  const elements = elementsOf(voc)
  if (!isObject(voc) || !elements.some(isSize)) return item
  const { elements: _elements, ...rest } = voc
  const kept = elements.filter((each) => !isSize(each))
  return {
    ...item,
    extra: { ...item.extra, voc: { ...rest, ...(kept.length > 0 && { elements: kept }) } },
  }
}

function elementsOf(voc: Json | undefined): readonly Json[] {
  const elements = isObject(voc) ? voc['elements'] : undefined
  return Array.isArray(elements) ? elements : []
}

function isSize(element: Json): boolean {
  return isObject(element) && element['name'] === 'size'
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
