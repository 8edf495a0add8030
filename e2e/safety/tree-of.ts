import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Everything below a folder, by path: what a user would see, `.dsv` left out. */
export type Tree = Readonly<Record<string, string>>

/**
 * Reads a folder as text that can be compared: `file <bytes>`, `executable <bytes>`, `link <target>`,
 * `empty folder`. Bytes are shown in Latin-1, so that no two files look alike.
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
        tree[full] = `${type} ${readFileSync(path.join(folder, full), 'latin1')}`
      } else tree[full] = 'other'
    }
  }
  visit('')
  return tree
}

/** Makes what a tree says, in an empty folder. */
export function makeTree(folder: string, tree: Tree): void {
  for (const [inside, what] of Object.entries(tree)) {
    const full = path.join(folder, inside)
    mkdirSync(inside.endsWith('/') ? full : path.dirname(full), { recursive: true })
    if (what.startsWith('link ')) symlinkSync(what.slice(5), full)
    else if (what !== 'empty folder') {
      writeFileSync(full, what.slice(what.indexOf(' ') + 1), 'latin1')
      if (what.startsWith('executable ')) chmodSync(full, 0o755)
    }
  }
}
