import type { Media } from '../model/item.ts'

/** Gives media the paths that the same content has in `to` instead of those it has in `from`. */
export function withPathsOf(
  media: readonly Media[],
  from: readonly Media[] = [],
  to: readonly Media[] = [],
): readonly Media[] {
  const paths = new Map<string, string>()
  for (const { role, blob, path } of from) {
    const same = to.find((each) => each.role === role && each.blob === blob)
    if (same !== undefined && blob !== undefined) paths.set(path, same.path)
  }
  return media.map((each) => ({ ...each, path: paths.get(each.path) ?? each.path }))
}
