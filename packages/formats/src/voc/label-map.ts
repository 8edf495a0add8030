import { type Category, formatSyntax } from '@dsv/core'
import { isArray, isObject } from '../shared/json-reader.ts'
import { decodeText } from '../shared/text-reader.ts'
import { type Rgb, VOC_ACTIONS, VOC_CLASSES, VOC_PARTS, vocColor } from './color-map.ts'

/** The file that names classes, their colours, parts and actions; an addition of later tools. */
export const LABEL_MAP = 'labelmap.txt'

const HEADER = '# label:color_rgb:parts:actions'

/**
 * Reads `name:r,g,b:parts:actions` lines. Parts become categories of their own after the others, with
 * their owner as parent.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function parseLabelMap(bytes: Uint8Array, file: string): readonly Category[] {
  const owners = new Map<string, Category>()
  const lines = decodeText(bytes, file).split(/\r?\n/u)
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [name = '', color = '', parts = '', actions = '', ...rest] = line.split(':')
    const place = `line ${index + 1}`
    if (name.trim() === '') throw formatSyntax(file, `${place}: a label has no name`)
    if (rest.length > 0) throw formatSyntax(file, `${place}: there are more than four fields`)
    if (owners.has(name.trim())) {
      throw formatSyntax(file, `${place}: the label "${name.trim()}" was there before`)
    }
    const rgb = color.trim() === '' ? undefined : readColor(color, file, place)
    owners.set(name.trim(), ownerOf(name.trim(), rgb, names(parts), names(actions)))
  }
  return withPartCategories([...owners.values()])
}

/** Returns the text of a label map, without categories that are parts of others. */
export function formatLabelMap(categories: readonly Category[]): string {
  const owners = categories.filter((category) => !isPart(category) && isLabelName(category.name))
  return [HEADER, ...owners.map(labelLine), ''].join('\n')
}

/** Returns the line of a category in a label map. */
export function labelLine(category: Category): string {
  const parts = partsOf(category).join(',')
  return `${category.name}:${category.color?.join(',') ?? ''}:${parts}:${actionsOf(category).join(',')}`
}

/** Returns whether a label map can hold the name. */
export function isLabelName(name: string): boolean {
  return name !== '' && name.trim() === name && !/[:\r\n]/u.test(name) && !name.startsWith('#')
}

/**
 * Returns the categories of a dataset without label map: the twenty of the challenge in its order when
 * these are all the names used; else, with masks, these twenty and the other names behind them; else
 * the names as they came.
 */
export function defaultCategories(used: Iterable<string>, hasMasks: boolean): readonly Category[] {
  const parts = new Set(VOC_PARTS)
  const all = [...used]
  const usesParts = all.some((name) => parts.has(name))
  const others = all.filter((name) => !VOC_CLASSES.includes(name) && !parts.has(name))
  if (all.length === 0 && !hasMasks) return []
  if (others.length > 0 && !hasMasks) return all.map((name) => ({ key: name, name }))
  const standard = VOC_CLASSES.map((name, index) => {
    const isPerson = name === 'person'
    const owned = isPerson && usesParts ? VOC_PARTS : []
    return ownerOf(name, vocColor(index + 1), owned, isPerson ? VOC_ACTIONS : [])
  })
  return withPartCategories([...standard, ...others.map((name) => ({ key: name, name }))])
}

/** Returns the names of the parts that objects of a category can have. */
export function partsOf(category: Category): readonly string[] {
  return namesIn(category, 'parts')
}

/** Returns the names of the actions that objects of a category can do. */
export function actionsOf(category: Category): readonly string[] {
  return namesIn(category, 'actions')
}

/** Returns whether a category only names parts of others. */
export function isPart({ extra }: Category): boolean {
  return isObject(extra?.['voc']) && extra['voc']['part'] === true
}

function readColor(text: string, file: string, place: string): Rgb {
  const numbers = text.split(',').map((each) => (each.trim() === '' ? Number.NaN : Number(each)))
  const [red = -1, green = -1, blue = -1] = numbers
  const isColor = numbers.every((each) => Number.isInteger(each) && each >= 0 && each <= 255)
  if (!isColor || numbers.length !== 3) {
    throw formatSyntax(file, `${place}: "${text}" is not a colour of three numbers 0…255`)
  }
  return [red, green, blue]
}

function names(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

function ownerOf(
  name: string,
  color: Rgb | undefined,
  parts: readonly string[],
  actions: readonly string[],
): Category {
  const voc = {
    ...(parts.length > 0 ? { parts } : {}),
    ...(actions.length > 0 ? { actions } : {}),
  }
  return {
    key: name,
    name,
    ...(color === undefined ? {} : { color }),
    ...(Object.keys(voc).length > 0 ? { extra: { voc } } : {}),
  }
}

function withPartCategories(owners: readonly Category[]): readonly Category[] {
  const known = new Set(owners.map(({ name }) => name))
  const parts: Category[] = []
  for (const owner of owners) {
    for (const name of partsOf(owner)) {
      if (known.has(name)) continue
      known.add(name)
      parts.push({ key: name, name, parent: owner.key, extra: { voc: { part: true } } })
    }
  }
  return [...owners, ...parts]
}

function namesIn({ extra }: Category, field: string): readonly string[] {
  const voc = extra?.['voc']
  const found = isObject(voc) ? voc[field] : undefined
  return isArray(found) ? found.filter((each) => typeof each === 'string') : []
}
