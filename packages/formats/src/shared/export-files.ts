import { withoutExtension } from '../media/media-kind.ts'
import { safeMediaName } from './media-finder.ts'
import type { SubsetFile } from './subset-files.ts'

/** Returns which subset each export of VoTT is of: what its name has before `-export`. */
export function subsetsByName(paths: readonly string[]): readonly SubsetFile[] {
  const names = paths.map((path) => {
    const name = withoutExtension(path.slice(path.lastIndexOf('/') + 1))
    return name.replace(/-export$/iu, '') || 'default'
  })
  return paths.map((path, at) => {
    const name = names[at] ?? 'default'
    const isOnly = names.indexOf(name) === names.lastIndexOf(name)
    return { path, subset: isOnly ? name : withoutExtension(path) }
  })
}

/**
 * Returns where a new export of a subset goes: into a folder of its own, as its images are beside it;
 * at the root for `default`.
 */
export function exportPath(subset: string, extension: string): string {
  const name = safeMediaName(subset).replaceAll('/', '-')
  return subset === 'default'
    ? `${name}-export.${extension}`
    : `${name}/${name}-export.${extension}`
}
