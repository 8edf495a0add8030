import type { ParameterFiles } from '../parameters/parameter-files.ts'
import type { Budget } from './budget.ts'
import { checkNoTemplates } from './fill-templates.ts'
import { pathIn } from './path-in.ts'
import { failAt, listAt, type Place, within } from './pipeline-document.ts'
import { isMap, kindOf, type Value, type ValueMap } from './value.ts'

/** What templates may name, and where it came from. */
export interface Variables {
  readonly values: ValueMap
  /** The files that were read, with the keys that were taken; undefined for all. */
  readonly imports: ReadonlyMap<string, readonly string[] | undefined>
}

/** What has to be known to read variables. */
export interface VariableContext {
  readonly files: ParameterFiles
  readonly budget: Budget
}

const DEFAULT_FILE = 'params.yaml'

/** Returns the variables that every stage of a file sees. @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE` */
export async function loadGlobalVariables(
  value: Value | undefined,
  place: Place,
  context: VariableContext,
): Promise<Variables> {
  const { folder } = place.document
  const file = folder === '' ? DEFAULT_FILE : `${folder}/${DEFAULT_FILE}`
  const values = await context.files.load(file)
  const start: Variables =
    values === undefined
      ? { values: new Map(), imports: new Map() }
      : { values, imports: new Map([[file, undefined]]) }
  return addVariables(start, { value, place, folder, reserved: [] }, context)
}

/** A `vars` section. */
interface VarsSection {
  readonly value: Value | undefined
  readonly place: Place
  /** What its files are relative to. */
  readonly folder: string
  /** Names that it cannot define, because a loop does. */
  readonly reserved: readonly string[]
}

/**
 * Returns variables with those of a `vars` section. Mappings are joined; nothing else can be defined twice.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE`
 */
export async function addVariables(
  { values, imports }: Variables,
  { value, place, folder, reserved }: VarsSection,
  { files, budget }: VariableContext,
): Promise<Variables> {
  const section = listAt(value, place)
  checkNoTemplates(section, place)
  let joined = values
  const taken = new Map(imports)
  for (const [index, entry] of section.entries()) {
    const at = within(place, index)
    const added = isMap(entry) ? entry : await importOf(entry, { place: at, folder, taken, files })
    const clash = added && reserved.find((name) => added.has(name))
    if (clash !== undefined) throw failAt(at, `defines ${clash}, which the loop defines`)
    if (added !== undefined) joined = join(joined, added, budget, at)
  }
  return { values: joined, imports: taken }
}

interface ImportContext {
  readonly place: Place
  readonly folder: string
  readonly taken: Map<string, readonly string[] | undefined>
  readonly files: ParameterFiles
}

/** Returns what `file` or `file:key1,key2` brings; undefined where it was brought before. */
async function importOf(
  entry: Value,
  { place, folder, taken, files }: ImportContext,
): Promise<ValueMap | undefined> {
  if (typeof entry !== 'string')
    throw failAt(place, `is ${kindOf(entry)}, not a mapping or the name of a file`)
  const colon = entry.indexOf(':')
  const file = pathIn(folder, colon === -1 ? entry : entry.slice(0, colon), place)
  const named =
    colon === -1
      ? []
      : entry
          .slice(colon + 1)
          .split(',')
          .filter((key) => key !== '')
  const keys = named.length === 0 ? undefined : named
  if (taken.has(file)) {
    const before = taken.get(file)
    if (keys === undefined && before === undefined) return undefined
    if (keys === undefined) throw failAt(place, `loads ${file}, of which a part is loaded already`)
    if (before === undefined)
      throw failAt(place, `loads a part of ${file}, which is loaded already`)
    const twice = keys.find((key) => before.includes(key))
    if (twice !== undefined)
      throw failAt(place, `loads ${twice} of ${file}, which is loaded already`)
  }
  const content = await files.load(file)
  if (content === undefined) throw failAt(place, `names ${file}, which is not there`)
  taken.set(file, keys === undefined ? undefined : [...(taken.get(file) ?? []), ...keys])
  if (keys === undefined) return content
  return new Map(
    keys.map((key): [string, Value] => {
      const value = content.get(key)
      if (value === undefined) throw failAt(place, `names ${key}, which ${file} does not have`)
      return [key, value]
    }),
  )
}

function join(into: ValueMap, added: ValueMap, budget: Budget, place: Place, above = ''): ValueMap {
  budget.spend(into.size + added.size, place)
  const joined = new Map(into)
  for (const [key, value] of added) {
    const before = joined.get(key)
    if (before === undefined) joined.set(key, value)
    else if (isMap(before) && isMap(value))
      joined.set(key, join(before, value, budget, place, `${above}${key}.`))
    else throw failAt(place, `defines ${above}${key}, which is defined already`)
  }
  return joined
}
