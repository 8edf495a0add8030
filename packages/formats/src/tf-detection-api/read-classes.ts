import { type Category, type Folder, formatSyntax, type Json, type ReadContext } from '@dsv/core'
import { compareText } from '../shared/compare-text.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import type { TfFile } from './find-files.ts'
import { type LabelMapItem, parseLabelMap } from './label-map.ts'
import { decodeExample } from './tf-example.ts'
import { integers, texts } from './example-values.ts'
import { readTfRecord, tfRecords } from './tf-record.ts'

/** The classes of a dataset. */
export interface TfClasses {
  readonly categories: readonly Category[]
  /**
   * Returns the category that an example means; undefined for none: no text, and no id above 0.
   * Text wins over the id, except where the id has that text among others.
   *
   * @throws `DSV_FORMAT_SYNTAX` for a class that no label map knows
   */
  readonly keyOf: (file: TfFile, text: string, id: number, place: string) => string | undefined
}

interface ClassTable {
  readonly byId: Map<number, string>
  readonly byText: Map<string, string>
}

/** Reads the classes from label maps, or, when there are none, from all examples. */
export async function readClasses(
  folder: Folder,
  files: readonly TfFile[],
  labelMaps: readonly string[],
  context: ReadContext,
): Promise<TfClasses> {
  const categories = new Map<string, Category>()
  const tables = new Map<string, ClassTable>()
  for (const path of labelMaps) {
    try {
      const items = parseLabelMap(await folder.read(path), path)
      tables.set(path, tableOf(items, categories))
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  if (tables.size === 0) tables.set('', await scanClasses(folder, files, categories, context))
  const chosen = new Map(files.map(({ path }) => [path, tablesFor(path, tables)]))
  return {
    categories: [...categories.values()],
    keyOf: ({ path }, text, id, place) => {
      if (text === '' && id <= 0) return undefined
      const known = chosen.get(path) ?? []
      for (const { byId, byText } of known) {
        const [named, numbered] = [byText.get(text), byId.get(id)]
        const isSame = numbered !== undefined && namesOf(categories.get(numbered)).includes(text)
        if (isSame || (text === '' && numbered !== undefined)) return numbered
        if (named !== undefined) return named
      }
      throw formatSyntax(
        path,
        `${place} has the class "${text}" (id ${id}), which no label map has`,
      )
    },
  }
}

/** Both names of a category: the one of the label map, and the one that is shown. */
function namesOf(category: Category | undefined): readonly string[] {
  if (category === undefined) return []
  const own = category.extra?.['tf-detection-api']
  const name = typeof own === 'object' && own !== null && 'name' in own ? own['name'] : undefined
  return typeof name === 'string' ? [name, category.name] : [category.name]
}

function tableOf(items: readonly LabelMapItem[], categories: Map<string, Category>): ClassTable {
  const table: ClassTable = { byId: new Map(), byText: new Map() }
  const used = new Set<string>()
  for (const item of items) {
    const shown = item.displayName ?? item.name
    let key = shown === '' ? String(item.id) : shown
    for (let number = 2; used.has(key); number++) key = `${shown} ${number}`
    used.add(key)
    if (!categories.has(key)) categories.set(key, categoryOf(key, item))
    if (!table.byId.has(item.id)) table.byId.set(item.id, key)
    for (const text of [item.name, shown]) if (!table.byText.has(text)) table.byText.set(text, key)
  }
  return table
}

function categoryOf(key: string, { id, name, displayName, rest }: LabelMapItem): Category {
  const own: Record<string, Json> = {}
  if (displayName !== undefined) own['name'] = name
  if (rest.length > 0) own['rest'] = rest.map(([field, value]) => [field, value])
  return {
    key,
    name: displayName ?? (name === '' ? key : name),
    sourceIds: { 'tf-detection-api': id },
    ...(Object.keys(own).length > 0 && { extra: { 'tf-detection-api': own } }),
  }
}

/** The tables that a file may mean, the likeliest first: its own, that of its folder, of those above. */
function tablesFor(path: string, tables: ReadonlyMap<string, ClassTable>): readonly ClassTable[] {
  const rank = (map: string): number => {
    const folder = map.slice(0, map.lastIndexOf('/') + 1)
    const stem = map.slice(folder.length).replace(/_label_map\.pbtxt$/iu, '')
    if (!path.startsWith(folder)) return -1
    return folder.length * 2 + (path.startsWith(`${folder}${stem}.`) ? 1 : 0)
  }
  return [...tables]
    .toSorted(([a], [b]) => rank(b) - rank(a) || compareText(a, b))
    .map(([, table]) => table)
}

const CLASS_FEATURE = /^image\/(?:object\/)?class\/(?:text|label)$/u

/** Reads through all files; ids without a text are classes by number. */
async function scanClasses(
  folder: Folder,
  files: readonly TfFile[],
  categories: Map<string, Category>,
  context: ReadContext,
): Promise<ClassTable> {
  const ids = new Map<string, number>()
  for (const { path } of files) {
    const file = await folder.open(path)
    try {
      for await (const record of tfRecords(file, path)) {
        context.signal.throwIfAborted()
        const data = await readTfRecord(file, path, record)
        const place = { file: path, record: record.index }
        const example = decodeExample(data, place, (name) => CLASS_FEATURE.test(name))
        for (const prefix of ['image/class', 'image/object/class']) {
          const [names, numbers] = [
            texts(example, `${prefix}/text`, place),
            integers(example, `${prefix}/label`, place),
          ]
          for (let at = 0; at < Math.max(names.length, numbers.length); at++) {
            const id = numbers[at] ?? 0
            const name = names[at] ?? (id > 0 ? `class ${id}` : '')
            if (name !== '' && !ids.has(name)) ids.set(name, id)
          }
        }
      }
    } catch (error) {
      // Reading the items meets the same problem and reports it.
      if (context.onError === 'fail') throw error
      skipOrThrow(error, path, { ...context, onProblem: () => {} })
    } finally {
      await file.close()
    }
  }
  const sorted = [...ids].toSorted(([a, idOfA], [b, idOfB]) => idOfA - idOfB || compareText(a, b))
  const items = sorted.map(([name, id]): LabelMapItem => ({ id, name, rest: [] }))
  return tableOf(items, categories)
}
