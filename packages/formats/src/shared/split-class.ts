/** A path that begins with a class. */
export interface ClassPath {
  readonly className: string
  /** What follows the class and its `/`. */
  readonly name: string
}

/** Splits `class/name` after the longest folder that is a class; undefined when none is. */
export function splitClass(
  path: string,
  isClass: (folder: string) => boolean,
): ClassPath | undefined {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const className = path.slice(0, at)
    if (isClass(className)) return { className, name: path.slice(at + 1) }
  }
  return undefined
}
