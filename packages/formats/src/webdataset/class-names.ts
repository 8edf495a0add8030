import type { Category, Folder } from '@dsv/core'
import { decodeText } from '../shared/text-reader.ts'

/** Where the names of classes are, one for each line, in the order of their numbers. */
export const CLASS_NAMES = 'classnames.txt'

const FILE = /(?:^|\/)(?:classnames|classes|labels)\.txt$/u

/** The classes of a dataset, by what members call them. */
export interface ClassTable {
  readonly categories: () => readonly Category[]
  /** Returns the category of a name or number, a new one when it is not known yet. */
  readonly keyOf: (name: string | number) => string
  /** The file that lists them. */
  readonly path: string | undefined
}

/** Reads the list of classes, if there is one. @throws `DSV_FORMAT_SYNTAX` */
export async function readClassNames(folder: Folder): Promise<ClassTable> {
  const path = (await folder.list()).find((each) => FILE.test(each))
  const lines = path === undefined ? [] : decodeText(await folder.read(path), path).split(/\r?\n/u)
  const names = lines.map((line) => line.trim())
  const categories = new Map<string, Category>()
  for (const name of names) if (name !== '') categories.set(name, { key: name, name })
  return {
    path,
    categories: () => [...categories.values()],
    keyOf: (name) => {
      const isNumber = typeof name === 'number'
      const known = isNumber ? (names[name] ?? '') : name
      const key = known === '' ? `${name}` : known
      if (!categories.has(key)) {
        const source = isNumber ? { sourceIds: { webdataset: name } } : {}
        categories.set(key, { key, name: key, ...source })
      }
      return key
    },
  }
}

/** Returns the text of a list of classes. */
export function formatClassNames(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('')
}
