import type { Folder } from '@dsv/core'
import { parseDataYaml } from './data-yaml.ts'
import { readLoose, readObjData } from './obj-data.ts'
import { longestKnownEnd, type PathIndex } from './path-index.ts'
import type { YoloConfig } from './yolo-config.ts'

/** Where a YOLO dataset says what its classes and subsets are. */
export interface ConfigFile {
  readonly kind: 'yaml' | 'obj-data' | 'names'
  readonly path: string
}

/** Returns the files that may be the configuration, by name alone, the likeliest first. */
export function configFiles(paths: readonly string[]): readonly ConfigFile[] {
  const files = paths.flatMap((path): readonly (ConfigFile & { readonly rank: number })[] => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const depth = path.split('/').length - 1
    if (/\.ya?ml$/i.test(name) && depth <= 2) {
      const rank = depth * 10 + (/^data\./i.test(name) ? 0 : /^dataset\./i.test(name) ? 1 : 2)
      return [{ kind: 'yaml', path, rank }]
    }
    if (name.endsWith('.data') && depth <= 1)
      return [{ kind: 'obj-data', path, rank: depth * 10 + 3 }]
    if (NAMES_FILES.has(name) && depth <= 1) return [{ kind: 'names', path, rank: 50 + depth }]
    return []
  })
  return files.toSorted((a, b) => a.rank - b.rank).map(({ kind, path }) => ({ kind, path }))
}

const NAMES_FILES: ReadonlySet<string> = new Set(['classes.txt', 'obj.names', 'classes.names'])

/** Reads one configuration. @throws `DSV_FORMAT_SYNTAX` */
export async function readConfig(
  folder: Folder,
  file: ConfigFile,
  index: PathIndex,
): Promise<YoloConfig> {
  if (file.kind === 'obj-data') return readObjData(folder, file.path, index)
  if (file.kind === 'names') return readLoose(folder, file.path, index)
  const isFolder = (path: string): boolean => longestKnownEnd(path, index.folders) !== undefined
  return parseDataYaml(await folder.read(file.path), file.path, isFolder)
}

/** Returns whether YAML text may be a `data.yaml`: other YAML files lie about in datasets too. */
export function looksLikeDataYaml(text: string): boolean {
  return (
    /^["']?(?:names|nc)["']?\s*:/m.test(text) &&
    /^["']?(?:train|val|valid|validation|test|path|names)["']?\s*:/m.test(text)
  )
}
