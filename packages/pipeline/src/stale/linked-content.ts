import { readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { type ComparedTree, contentId, isBelow, isNeverTracked } from '@dsv/core'
import { EMPTY_TREE, encodeCanonical, hashBlob } from '@dsv/store'
import { isNowhere } from '../read/is-nowhere.ts'

/**
 * Returns the id of a folder with what links in it lead to, as DVC has it: files and folders elsewhere in the repository
 * count by what they hold. What is outside of the repository counts by the link alone, as do the folders around this
 * one, and links that those folders hold.
 *
 * @param folder - Absolute path of it
 * @param id - Of what it holds itself
 */
export async function withLinkedContent(
  compared: ComparedTree,
  folder: string,
  id: string,
): Promise<string> {
  const links = await linksIn(compared, folder, id)
  if (links.length === 0) return id
  const [root, own] = [realpathSync(compared.root), realpathSync(folder)]
  const read: [string, string][] = []
  for (const link of links) {
    const target = realPath(path.join(folder, link))
    if (target === undefined || !isBelow(target, root)) continue
    const isKnown = isBelow(target, own) || isBelow(own, target)
    if (isKnown || path.relative(root, target).split(path.sep).some(isNeverTracked)) continue
    const held = await looseContentId(compared, target)
    if (held !== undefined) read.push([link, held])
  }
  return read.length === 0 ? id : `tree:${hashBlob(encodeCanonical([id, read]))}`
}

/** Returns the id of what an absolute path holds, which is known by its stat alone. */
export async function looseContentId(
  compared: ComparedTree,
  place: string,
): Promise<string | undefined> {
  const { dir: root, base } = path.parse(place)
  return contentId({ ...compared, root, files: EMPTY_TREE, changes: [] }, base)
}

/** Returns where a path leads to; undefined where nothing is. */
export function realPath(place: string): string | undefined {
  try {
    return realpathSync(place)
  } catch (error) {
    if (isNowhere(error)) return undefined
    throw error
  }
}

/** The links in a folder, in order: the same as long as it holds the same. */
async function linksIn(
  { known }: ComparedTree,
  folder: string,
  id: string,
): Promise<readonly string[]> {
  const name = `links in ${path.basename(folder)}`
  const content = hashBlob(Buffer.from(id))
  const kept = known.results.get(name, [content])
  if (isTexts(kept)) return kept
  try {
    const links = [...linksBelow(folder, '')].toSorted()
    await known.results.put(name, [content], links)
    return links
  } catch (error) {
    // Where files are left out of a clone their folder may not be there.
    if (isNowhere(error)) return []
    throw error
  }
}

function* linksBelow(folder: string, inside: string): Generator<string> {
  for (const each of readdirSync(path.join(folder, inside), { withFileTypes: true })) {
    const at = inside === '' ? each.name : `${inside}/${each.name}`
    if (each.isSymbolicLink() && !isNeverTracked(at)) yield at
    else if (each.isDirectory() && !isNeverTracked(`${at}/`)) yield* linksBelow(folder, at)
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
