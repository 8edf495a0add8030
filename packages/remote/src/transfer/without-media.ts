import { decodeCommit, decodeDataset, decodeFile } from '@dsv/core'
import { type AnyId, decodeNode, nodeEntry, type TreeNode } from '@dsv/store'
import type { MissingObject } from './missing-objects.ts'

/**
 * Leaves the media out of what commits need: blobs that only files of that role and items refer to.
 *
 * @param missing - Objects before what they link, the blobs of leaves right after some leaves
 * @yields the rest
 * @throws `DSV_RECORD_MALFORMED`, `DSV_TREE_CORRUPT`
 */
export async function* withoutMedia(
  missing: AsyncIterable<MissingObject>,
): AsyncGenerator<MissingObject, void, undefined> {
  const trees = { files: new Set<AnyId>(), items: new Set<AnyId>() }
  const media = new Set<AnyId>()
  const others = new Set<AnyId>()
  let isAtBlobs = false
  for await (const each of missing) {
    if (each.kind === 'blob') {
      isAtBlobs = true
      if (!media.has(each.id) || others.has(each.id)) yield each
      continue
    }
    if (isAtBlobs) {
      media.clear()
      others.clear()
      isAtBlobs = false
    }
    if (each.kind === 'commit') addRoot(trees.files, decodeCommit(each.object).files.root)
    if (each.kind === 'dataset') addRoot(trees.items, decodeDataset(each.object).items.root)
    if (each.kind === 'node') {
      const { links } = each.object
      const isOfFiles = trees.files.has(each.id)
      if (isOfFiles || trees.items.has(each.id)) {
        const node = decodeNode(each.id, each.object)
        if (node.level > 0) for (const link of links) trees[isOfFiles ? 'files' : 'items'].add(link)
        else if (isOfFiles) sortFiles(node, media, others)
        else sortItems(node, media, others)
      }
    }
    yield each
  }
}

function addRoot(tree: Set<AnyId>, root: AnyId | undefined): void {
  if (root !== undefined) tree.add(root)
}

/** The value of an item that lies in a blob of its own is its last link; the others are media. */
function sortItems(leaf: TreeNode, media: Set<AnyId>, others: Set<AnyId>): void {
  for (let at = 0; at < leaf.length; at += 1) {
    const { links, isIndirect } = nodeEntry(leaf, at)
    for (const [place, link] of links.entries())
      (isIndirect && place === links.length - 1 ? others : media).add(link)
  }
}

function sortFiles(leaf: TreeNode, media: Set<AnyId>, others: Set<AnyId>): void {
  for (let at = 0; at < leaf.length; at += 1) {
    const entry = nodeEntry(leaf, at)
    const file = entry.isIndirect ? undefined : decodeFile(entry)
    const isMedia = file !== undefined && 'role' in file && file.role === 'media'
    for (const link of entry.links) (isMedia ? media : others).add(link)
  }
}
