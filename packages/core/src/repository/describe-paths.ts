/** Returns a few paths in words, for the operation log. */
export function describePaths(paths: readonly string[]): string {
  const [first = '', second] = paths.map((path) => path || '.')
  if (second === undefined) return first
  return paths.length === 2 ? `${first} and ${second}` : `${first} and ${paths.length - 1} more`
}
