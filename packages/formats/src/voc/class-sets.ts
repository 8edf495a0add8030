/** A list for one class: `aeroplane_train`. */
export interface ClassSetName {
  readonly name: string
  readonly subset: string
}

/**
 * Takes the name of a list for one class apart. `sets` are the names of the image sets beside it;
 * where several fit, the class that is known wins, then the longer set.
 */
export function parseClassSetName(
  text: string,
  sets: ReadonlySet<string>,
  isClass: (name: string) => boolean,
): ClassSetName | undefined {
  const found: ClassSetName[] = []
  for (let at = text.indexOf('_', 1); at > 0; at = text.indexOf('_', at + 1)) {
    const subset = text.slice(at + 1)
    if (sets.has(subset)) found.push({ name: text.slice(0, at), subset })
  }
  return found.find(({ name }) => isClass(name)) ?? found[0]
}

/** Returns whether a file can be named after a class. */
export function isFileName(name: string): boolean {
  return name !== '' && !/[/\\\p{Cc}\p{Cs}]/u.test(name) && !name.startsWith('.')
}
