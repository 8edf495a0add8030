/**
 * Returns a short name for each path, no two alike: the last part of it, with as many parts before it as it takes to
 * tell it from the others, joined by `-`; a path that is there again gets a number.
 */
export function datasetNames(paths: readonly string[]): readonly string[] {
  const parts = paths.map((path) => path.split('/').filter((part) => part !== ''))
  const deepest = Math.max(1, ...parts.map(({ length }) => length))
  const nameAt = (of: readonly string[], depth: number): string =>
    of.slice(-depth).join('-') || 'dataset'
  const used = new Set<string>()
  return parts.map((own) => {
    let depth = 1
    const isShared = (): boolean =>
      parts.filter((other) => nameAt(other, depth) === nameAt(own, depth)).length > 1
    while (depth < deepest && isShared()) depth++
    const wish = nameAt(own, depth)
    let name = wish
    for (let count = 2; used.has(name); count++) name = `${wish}-${count}`
    used.add(name)
    return name
  })
}
