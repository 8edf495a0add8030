import { type SubsetRoot, subsetRoots } from '../shared/subset-roots.ts'

/** The list of a subset. */
export interface WordList extends SubsetRoot {
  readonly path: string
}

/** Finds the lists of words; `gt/gt.txt` are boxes of the MOTChallenge. */
export function findWordLists(paths: readonly string[]): readonly WordList[] {
  const lists = paths.filter((path) => /(?:^|\/)gt\.txt$/u.test(path))
  const own = lists.filter((path) => !/(?:^|\/)gt\/gt\.txt$/u.test(path))
  const roots = subsetRoots(own.map((path) => path.slice(0, -'gt.txt'.length)))
  return roots.map((each) => ({ ...each, path: `${each.root}gt.txt` }))
}
