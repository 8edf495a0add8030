import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

/** Everything below a folder, by path: what a user would see, `.dsv` left out. */
export type Tree = Readonly<Record<string, string>>

/**
 * Reads a folder as text that can be compared: `file <bytes>`, `executable <bytes>`, `link <target>`,
 * `empty folder`. Short files are shown in Latin-1, long ones by their hash.
 */
export function treeOf(folder: string): Tree {
  const tree: Record<string, string> = {}
  const visit = (inside: string): void => {
    const names = readdirSync(path.join(folder, inside)).toSorted()
    if (names.length === 0 && inside !== '') tree[`${inside}/`] = 'empty folder'
    for (const name of names) {
      if (name === '.dsv' && inside === '') continue
      const full = inside === '' ? name : `${inside}/${name}`
      const stat = lstatSync(path.join(folder, full))
      if (stat.isDirectory()) visit(full)
      else if (stat.isSymbolicLink()) tree[full] = `link ${readlinkSync(path.join(folder, full))}`
      else if (stat.isFile()) {
        const type = (stat.mode & 0o111) === 0 ? 'file' : 'executable'
        tree[full] = `${type} ${shown(readFileSync(path.join(folder, full)))}`
      } else tree[full] = 'other'
    }
  }
  visit('')
  return tree
}

function shown(bytes: Buffer): string {
  if (bytes.length <= 80) return bytes.toString('latin1')
  return `of ${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}`
}
