/** The longest path that is looked up, in characters; no system has longer ones. */
export const MAX_PATH = 8192

/** The files and folders of a dataset, for names that are written as on another machine. */
export interface PathIndex {
  readonly files: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
}

/** Returns the index of a list of file paths. */
export function pathIndex(paths: readonly string[]): PathIndex {
  const folders = new Set<string>([''])
  for (const path of paths) {
    let end = path.lastIndexOf('/')
    while (end > 0 && !folders.has(path.slice(0, end))) {
      folders.add(path.slice(0, end))
      end = path.lastIndexOf('/', end - 1)
    }
  }
  return { files: new Set(paths), folders }
}

/** Returns `path` with `.`, `..` and backslashes resolved; `..` at the root is dropped. */
export function plainPath(path: string): string {
  const segments: string[] = []
  for (const segment of path.replaceAll('\\', '/').split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments.join('/')
}

/**
 * Returns the longest end of `path` that is in `known`, so that absolute paths, paths relative to
 * another folder and leading `../` all find what they mean.
 */
export function longestKnownEnd(path: string, known: ReadonlySet<string>): string | undefined {
  // Each end is looked up, so that a path of megabytes would take hours.
  let rest = path.length > MAX_PATH ? '' : path
  while (rest !== '') {
    if (known.has(rest)) return rest
    const slash = rest.indexOf('/')
    if (slash < 0) return undefined
    rest = rest.slice(slash + 1)
  }
  return undefined
}
