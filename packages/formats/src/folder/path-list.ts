/** Returns the paths of the sorted list `paths` that lie below the folder `under` (all when empty). */
export function pathsBelow(paths: readonly string[], under = ''): readonly string[] {
  if (under === '') return paths
  const prefix = `${under.replace(/\/+$/, '')}/`
  const start = lowerBound(paths, prefix)
  let end = start
  while (end < paths.length && paths[end]?.startsWith(prefix) === true) end += 1
  return paths.slice(start, end)
}

/** Returns whether the sorted list `paths` holds `path`. */
export function hasPath(paths: readonly string[], path: string): boolean {
  return paths[lowerBound(paths, path)] === path
}

function lowerBound(paths: readonly string[], wanted: string): number {
  let low = 0
  let high = paths.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((paths[middle] ?? '') < wanted) low = middle + 1
    else high = middle
  }
  return low
}
