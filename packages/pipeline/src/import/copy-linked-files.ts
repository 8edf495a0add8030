import { copyFileSync, lstatSync, readdirSync, realpathSync, statSync, unlinkSync } from 'node:fs'
import path from 'node:path'

/**
 * Puts the files themselves in the place of links that lead out of a folder, to files that stay behind when it goes
 * elsewhere alone. Links that lead out of `root` are left as they are.
 */
export function copyLinkedFiles(place: string, root: string): void {
  const [inside, all] = [realpathSync(path.dirname(place)), realpathSync(root)]
  visit(place, { own: path.join(inside, path.basename(place)), all })
}

function visit(place: string, bounds: { readonly own: string; readonly all: string }): void {
  const stat = lstatSync(place)
  if (stat.isDirectory())
    for (const name of readdirSync(place)) visit(path.join(place, name), bounds)
  if (!stat.isSymbolicLink()) return
  let target: string
  try {
    target = realpathSync(place)
  } catch {
    return
  }
  const isBelow = (folder: string): boolean => target.startsWith(folder + path.sep)
  if (isBelow(bounds.own) || !isBelow(bounds.all) || !statSync(target).isFile()) return
  unlinkSync(place)
  copyFileSync(target, place)
}
