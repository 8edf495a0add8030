import {
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import path from 'node:path'

/**
 * Makes links relative that name a place of the scratch folder by its whole path: the folder goes, and what they mean is
 * the same place of the working tree.
 *
 * @param output - Relative to the scratch folder
 */
export function mendLinks(scratch: string, output: string): void {
  mendBelow(path.join(scratch, output), [scratch, realpathSync(scratch)])
}

function mendBelow(place: string, roots: readonly string[]): void {
  const stat = lstatSync(place)
  if (stat.isDirectory())
    for (const name of readdirSync(place)) mendBelow(path.join(place, name), roots)
  else if (stat.isSymbolicLink()) mendLink(place, roots)
}

function mendLink(place: string, roots: readonly string[]): void {
  const target = readlinkSync(place)
  const root = roots.find((each) => target.startsWith(`${each}${path.sep}`))
  if (root === undefined) return
  const [base = ''] = roots
  const inside = path.join(base, path.relative(root, target))
  unlinkSync(place)
  symlinkSync(path.relative(path.dirname(place), inside), place)
}
