import type { Category } from '@dsv/core'
import { categoriesNamed } from '../shared/class-names.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { isListed } from './project.ts'

/** What the attributes of regions are called that say what a region shows, likeliest first. */
const USUAL_NAMES = 'label class category type name object objectname objecttype classname tag'
  .split(' ')
  .map((name) => [name, `${name}s`])
  .flat()
/** An attribute with more values than that is no class, unless its name says so. */
const MAX_VALUES = 1000
const MAX_ATTRIBUTES = 1000

/** Gathers the attributes of regions while files are looked through. */
export interface RegionAttributes {
  /** Notes the attributes of a region. */
  readonly add: (attributes: JsonObject) => void
  /** Notes the attributes that a project declares. */
  readonly declare: (attributes: JsonObject) => void
  /** Returns the attribute that is the class, and the classes: as declared, then by name. */
  readonly classes: () => {
    readonly attribute: string | undefined
    readonly categories: readonly Category[]
  }
}

/** Starts to gather. */
export function regionAttributes(): RegionAttributes {
  const values = new Map<string, Set<string>>()
  const options = new Map<string, Set<string>>()
  return {
    add: (attributes) => {
      for (const [name, value] of Object.entries(attributes)) {
        const known = values.get(name) ?? new Set<string>()
        if (!values.has(name) && values.size < MAX_ATTRIBUTES) values.set(name, known)
        const isWanted = known.size <= MAX_VALUES || placeOf(name) !== -1
        if (typeof value === 'string' && value !== '' && isWanted) known.add(value)
      }
    },
    declare: (attributes) => {
      for (const [name, attribute] of Object.entries(attributes)) {
        if (!values.has(name)) values.set(name, new Set())
        const listed = isObject(attribute) ? attribute['options'] : undefined
        if (!isListed(attribute) || !isObject(listed)) continue
        const known = options.get(name) ?? new Set<string>()
        options.set(name, known)
        for (const option of Object.keys(listed)) if (option !== '') known.add(option)
      }
    },
    classes: () => {
      const attribute = chosen(values, options)
      const declared = [...(options.get(attribute ?? '') ?? [])]
      const found = [...(values.get(attribute ?? '') ?? [])]
      if (attribute === undefined) return { attribute, categories: [] }
      const others = categoriesNamed(found.filter((name) => !declared.includes(name)))
      return {
        attribute,
        categories: [...declared.map((name) => ({ key: name, name })), ...others],
      }
    },
  }
}

/** One with a list of options before one of free text; the only one when no name is telling. */
function chosen(
  values: ReadonlyMap<string, ReadonlySet<string>>,
  options: ReadonlyMap<string, unknown>,
): string | undefined {
  const telling = [...values.keys()].filter((name) => placeOf(name) !== -1)
  const [first] = telling.toSorted((a, b) => {
    const byOptions = Number(options.has(b)) - Number(options.has(a))
    return byOptions === 0 ? placeOf(a) - placeOf(b) : byOptions
  })
  if (first !== undefined) return first
  const [only] = values
  if (values.size !== 1 || only === undefined) return undefined
  const [name, found] = only
  return found.size > 0 && found.size <= MAX_VALUES ? name : undefined
}

function placeOf(name: string): number {
  return USUAL_NAMES.indexOf(name.toLowerCase().replaceAll(/[\s_-]/gu, ''))
}
