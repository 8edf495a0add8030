/** Conditions that hold for `import` in Node, in the order in which a manifest may name them. */
const CONDITIONS: ReadonlySet<string> = new Set(['import', 'node', 'default', 'module-sync'])

/**
 * Returns the file that `import` of a package loads, relative to the package; undefined when its manifest
 * names none. Follows https://nodejs.org/api/packages.html#package-entry-points for the main entry.
 *
 * @param manifest - What package.json holds
 */
export function entryOfPackage(manifest: unknown): string | undefined {
  if (!isRecord(manifest)) return undefined
  const { exports, main } = manifest
  if (exports !== undefined)
    return targetOf(isRecord(exports) && '.' in exports ? exports['.'] : exports)
  return typeof main === 'string' ? main : 'index.js'
}

function targetOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target.startsWith('./') ? target : undefined
  if (Array.isArray(target)) return targetOf(target[0])
  if (!isRecord(target)) return undefined
  for (const [condition, inner] of Object.entries(target)) {
    const found = CONDITIONS.has(condition) ? targetOf(inner) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
