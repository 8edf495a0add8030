import path from 'node:path'
import { dvcMetadataInvalid } from '../errors.ts'
import type { DvcOut, SkippedOut } from './dvc-out.ts'
import type { GitEntry, GitTree } from './git-tree.ts'
import { readDvcFile } from './read-dvc-file.ts'
import { isPlaced } from './read-out.ts'
import { readPipeline } from './read-pipeline.ts'

/** What the metadata of a revision says. */
export interface CollectedOuts {
  /** Sorted by path; no two have the same. */
  readonly outs: readonly DvcOut[]
  readonly skipped: readonly SkippedOut[]
  /** Folders with a `.dvc/config`: most repositories have one, `''`. */
  readonly roots: ReadonlySet<string>
}

/**
 * Reads all metadata of DVC in a revision. Folders of DVC in folders of DVC are registries of their own;
 * their outputs are told all the same.
 *
 * @throws `DSV_DVC_METADATA_INVALID`, `DSV_GIT_FAILED`
 */
export async function collectOuts(
  tree: GitTree,
  entries: readonly GitEntry[],
): Promise<CollectedOuts> {
  const files = new Map(
    entries.filter(({ type }) => type === 'file' || type === 'executable').map((e) => [e.path, e]),
  )
  const roots = new Set(
    [...files.keys()]
      .filter((file) => /(?:^|\/)\.dvc\/config$/.test(file))
      .map((file) => parentOf(parentOf(file))),
  )
  const found: (DvcOut | SkippedOut)[] = []
  for (const entry of files.values()) {
    const name = path.posix.basename(entry.path)
    const isPointer = name.endsWith('.dvc') && name !== '.dvc'
    if (!isPointer && name !== 'dvc.yaml') continue
    if (rootOf(entry.path, roots) === undefined || isInside(entry.path, '.dvc')) continue
    if (isPointer) {
      found.push(...readDvcFile(entry.path, await tree.read(entry)))
    } else {
      const folder = parentOf(entry.path)
      const lock = files.get(path.posix.join(folder, 'dvc.lock'))
      found.push(
        ...readPipeline({
          folder,
          yaml: await tree.read(entry),
          lock: lock && (await tree.read(lock)),
        }),
      )
    }
  }
  const outs = found.filter(isPlaced).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  refuseOverlaps(outs)
  const skipped = found.filter((out): out is SkippedOut => !isPlaced(out))
  return { outs, skipped, roots }
}

/** Returns the innermost root that a path lies in. */
export function rootOf(file: string, roots: ReadonlySet<string>): string | undefined {
  for (let folder = parentOf(file); ; folder = parentOf(folder)) {
    if (roots.has(folder)) return folder
    if (folder === '') return undefined
  }
}

/** Returns the folder of a path, `''` for the root. */
export function parentOf(file: string): string {
  const folder = path.posix.dirname(file)
  return folder === '.' ? '' : folder
}

function isInside(file: string, folder: string): boolean {
  return file.split('/').slice(0, -1).includes(folder)
}

/** DVC refuses them too: nobody could say which of the two a file belongs to. */
function refuseOverlaps(outs: readonly DvcOut[]): void {
  const byPath = new Map<string, DvcOut>()
  for (const out of outs) {
    const other = byPath.get(out.path)
    if (other !== undefined) {
      throw dvcMetadataInvalid(out.definedIn, `${out.path} is an output of ${other.definedIn} too`)
    }
    byPath.set(out.path, out)
  }
  for (const out of outs) {
    for (let folder = parentOf(out.path); folder !== ''; folder = parentOf(folder)) {
      const other = byPath.get(folder)
      if (other === undefined) continue
      throw dvcMetadataInvalid(out.definedIn, `${out.path} lies in an output of ${other.definedIn}`)
    }
  }
}
