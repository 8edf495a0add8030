import { statPath } from './stat-path.ts'

/**
 * Returns a function that names what stands on the way to a path: the topmost part above it that is
 * there and is no folder, such as a link, which may lead out of the working tree. It returns undefined
 * when all parts are folders or missing. What was seen is remembered: it tells of one moment.
 */
export function obstacles(root: string): (path: string) => string | undefined {
  const seen = new Map<string, string | undefined>([['', undefined]])
  const at = (folder: string): string | undefined => {
    if (seen.has(folder)) return seen.get(folder)
    const above = at(folderOf(folder))
    const isInTheWay = above === undefined && statPath(root, folder)?.isDirectory() === false
    const found = isInTheWay ? folder : above
    seen.set(folder, found)
    return found
  }
  return (inside) => at(folderOf(inside))
}

/** `a/b` lies in `a`, and so does the empty folder `a/`. */
function folderOf(inside: string): string {
  return inside.slice(0, Math.max(0, inside.lastIndexOf('/')))
}
