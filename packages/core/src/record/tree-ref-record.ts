import type { TreeRef } from '@dsv/store'
import type { LinkList } from './link-list.ts'
import type { RecordReader } from './record-reader.ts'

/** Returns a tree as it stands in a payload: `[link of the root or null, count, sizeBytes]`. */
export function treeRefFields(tree: TreeRef, links: LinkList): readonly (number | null)[] {
  const root = tree.root === undefined ? null : links.indexOf(tree.root)
  return [root, tree.count, tree.sizeBytes]
}

/** Reads what {@link treeRefFields} wrote. @throws `DSV_RECORD_MALFORMED` */
export function readTreeRef(reader: RecordReader, value: unknown, what: string): TreeRef {
  const [root, count, sizeBytes] = reader.list(value, what)
  return {
    root: root === null ? undefined : reader.object(root, `${what}: the root`),
    count: reader.count(count, `${what}: the count`),
    sizeBytes: reader.count(sizeBytes, `${what}: the size`),
  }
}
