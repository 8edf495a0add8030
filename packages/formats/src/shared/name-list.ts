import type { AdapterContext, Category, Folder } from '@dsv/core'
import { decodeText, splitLines } from './text-reader.ts'

/**
 * Reads names of classes, one in each line; lines at the end that are empty are none. A line that is
 * empty between others has the name of its number, since numbers are what annotations say.
 *
 * @throws `DSV_FORMAT_SYNTAX`, `DSV_FILE_NOT_FOUND`
 */
export async function readNameList(folder: Folder, path: string): Promise<readonly string[]> {
  const { lines } = splitLines(decodeText(await folder.read(path), path))
  const names = lines.map((line) => line.trim())
  while (names.at(-1) === '') names.pop()
  return names.map((name, at) => (name === '' ? String(at) : name))
}

/** Returns the names of categories, one in each line; reports those that a line cannot say. */
export function nameList(
  categories: readonly Category[],
  onLoss: AdapterContext['onLoss'],
): string {
  return categories
    .map(({ name }, at) => {
      const line = name.replaceAll(/\s+/gu, ' ').trim()
      if (line !== name || line === String(at)) onLoss({ what: 'category', where: name })
      return `${line}\n`
    })
    .join('')
}

/** Returns categories of these names; of several with one name the first counts. */
export function categoriesInOrder(names: Iterable<string>): readonly Category[] {
  return [...new Set(names)].map((name) => ({ key: name, name }))
}
