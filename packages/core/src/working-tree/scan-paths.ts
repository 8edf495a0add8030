import { getEntry, type TreeRef } from '@dsv/store'
import { pathBeyondLink, pathIgnored, pathUnknown } from '../errors.ts'
import { decodeFile, encodePath } from '../record/file-record.ts'
import { hasFilesBelow } from '../repository/has-files-below.ts'
import {
  type CompareContext,
  compareWorkingTree,
  isLeftOut,
  isUnchanged,
  type WorkingChange,
} from './compare-working-tree.ts'
import { fileKind } from './file-kind.ts'
import { obstacles } from './obstacles.ts'
import { isBelow } from './path-range.ts'
import { statPath } from './stat-path.ts'
import { statEntry } from './walk-working-tree.ts'

/**
 * Yields what changed under each of `paths` (files or folders, relative to the working tree; the
 * empty string is all of it), each path once, in path order within each of them.
 *
 * @throws `DSV_PATH_UNKNOWN` when a path is neither on disk nor tracked, `DSV_PATH_IGNORED`,
 *   `DSV_PATH_BEYOND_LINK`
 */
export async function* scanPaths(
  tree: TreeRef,
  paths: readonly string[],
  context: CompareContext,
): AsyncGenerator<WorkingChange> {
  for (const [at, under] of paths.entries()) {
    const isSeen = (path: string): boolean =>
      paths.slice(0, at).some((before) => isBelow(path, before))
    for await (const change of scanPath(tree, under, context))
      if (at === 0 || !isSeen(change.path)) yield change
  }
}

async function* scanPath(
  tree: TreeRef,
  under: string,
  context: CompareContext,
): AsyncGenerator<WorkingChange> {
  const obstacle = obstacles(context.root)(under)
  const stat = obstacle === undefined ? statPath(context.root, under) : undefined
  const file = under === '' ? undefined : await getEntry(context.reader, tree, encodePath(under))
  if (file !== undefined) {
    const before = decodeFile(file)
    const entry = stat === undefined ? undefined : statEntry(context.root, under)
    const isSame =
      entry === undefined ? isLeftOut(under, before, context) : isUnchanged(entry, before, context)
    if (!isSame) yield { path: under, entry, before }
  }
  if (stat?.isDirectory() === true) {
    if (
      under !== '' &&
      context.isIgnored(`${under}/`) &&
      !(await hasFilesBelow(context.reader, tree, under))
    )
      throw pathIgnored(under)
    yield* compareWorkingTree(tree, under, context)
  } else if (stat !== undefined && file === undefined) {
    if (context.isIgnored(under)) throw pathIgnored(under)
    const entry = statEntry(context.root, under)
    if (entry !== undefined && fileKind(entry) !== undefined)
      yield { path: under, entry, before: undefined }
    // It may have taken the place of a folder.
    yield* compareWorkingTree(tree, under, context)
  } else if (file === undefined) {
    if (under !== '' && !(await hasFilesBelow(context.reader, tree, under)))
      throw obstacle === undefined ? pathUnknown(under) : pathBeyondLink(under, obstacle)
    yield* compareWorkingTree(tree, under, context)
  }
}
