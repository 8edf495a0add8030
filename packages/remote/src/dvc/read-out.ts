import path from 'node:path'
import { checkPath } from '@dsv/core'
import { isDsvError } from '@dsv/store'
import { dvcMetadataInvalid } from '../errors.ts'
import type { DvcEntry, DvcHash, DvcImport, DvcOut, DvcRecipe, SkippedOut } from './dvc-out.ts'
import { isYamlMap, type YamlMap, type YamlText } from './parse-yaml.ts'

/** What is known of an output beside its own lines. */
export interface OutContext {
  readonly definedIn: string
  /** Folder that its path is relative to, from the root of the repository. */
  readonly folder: string
  readonly stage?: string | undefined
  readonly imported?: DvcImport | undefined
  readonly recipe?: DvcRecipe | undefined
  /** From `dvc.yaml`, when the lines come from `dvc.lock`. */
  readonly flags?: YamlMap | undefined
}

/**
 * Reads one entry of `outs`. Returns what is wrong when it lies outside the repository.
 *
 * @throws `DSV_DVC_METADATA_INVALID`
 */
export function readOut(entry: YamlText, context: OutContext): DvcOut | SkippedOut {
  const { definedIn, stage, imported, recipe } = context
  if (!isYamlMap(entry)) throw dvcMetadataInvalid(definedIn, 'has an output that is no mapping')
  const flags = context.flags ?? entry
  const written = text(entry, 'path')
  if (written === undefined) throw dvcMetadataInvalid(definedIn, 'has an output without a path')
  const place = placeIn(context.folder, written)
  if (typeof place !== 'string') return { definedIn, path: written, problem: place.problem }
  const { md5, isFolder, hash } = readHash(entry, definedIn)
  const files = readFiles(entry, definedIn)
  return {
    path: place,
    definedIn,
    stage,
    isFolder: isFolder || files !== undefined,
    hash,
    md5,
    sizeBytes: readCount(entry, 'size', definedIn),
    fileCount: readCount(entry, 'nfiles', definedIn),
    isCached: isOn(flags, 'cache', true),
    isPushed: isOn(flags, 'push', true),
    isExecutable: isOn(entry, 'isexec', false),
    remote: text(flags, 'remote'),
    files,
    isCloudVersioned: files !== undefined || entry.has('version_id') || entry.has('cloud'),
    imported,
    recipe,
  }
}

/** Returns whether an output lies in the repository. */
export function isPlaced(out: DvcOut | SkippedOut): out is DvcOut {
  return !('problem' in out)
}

/** Returns a text field; undefined when there is none, or when it is something else. */
export function text(map: YamlMap, key: string): string | undefined {
  const value = map.get(key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Returns the elements of a list, none when there is none. @throws `DSV_DVC_METADATA_INVALID` */
export function list(map: YamlMap, key: string, file: string): readonly YamlText[] {
  const value = map.get(key)
  if (value === undefined || value === '') return []
  if (typeof value === 'string' || isYamlMap(value)) {
    throw dvcMetadataInvalid(file, `${key} is no list`)
  }
  return value
}

/**
 * Returns where a path of a metadata file leads, from the root of the repository, or what is wrong.
 */
export function placeIn(folder: string, written: string): string | { readonly problem: string } {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) return { problem: 'lies in another storage' }
  if (path.posix.isAbsolute(written) || /^[a-z]:/i.test(written)) {
    return { problem: 'is absolute' }
  }
  const place = path.posix.normalize(path.posix.join(folder, written)).replace(/\/$/, '')
  try {
    checkPath(place)
    return place
  } catch (error) {
    if (!isDsvError(error, 'DSV_PATH_UNSAFE')) throw error
    return { problem: String(error.details['problem']) }
  }
}

function readHash(
  entry: YamlMap,
  file: string,
): { readonly md5: string | undefined; readonly isFolder: boolean; readonly hash: DvcHash } {
  // Only DVC 3 names its hash.
  const hash: DvcHash = entry.has('hash') ? 'md5' : 'md5-dos2unix'
  const written = text(entry, 'md5')?.toLowerCase()
  if (written === undefined) return { md5: undefined, isFolder: false, hash }
  return { ...splitMd5(written, file), hash }
}

/** Splits the `.dir` from the hash of a directory. @throws `DSV_DVC_METADATA_INVALID` */
export function splitMd5(
  written: string,
  file: string,
): { readonly md5: string; readonly isFolder: boolean } {
  const [, md5, suffix] = /^([0-9a-f]{32})(\.dir)?$/.exec(written) ?? []
  if (md5 === undefined) {
    throw dvcMetadataInvalid(file, `${JSON.stringify(written.slice(0, 100))} is no md5`)
  }
  return { md5, isFolder: suffix !== undefined }
}

function readFiles(entry: YamlMap, file: string): readonly DvcEntry[] | undefined {
  if (!entry.has('files')) return undefined
  return list(entry, 'files', file).map((each) => {
    const relpath = isYamlMap(each) ? text(each, 'relpath') : undefined
    const md5 = isYamlMap(each) ? text(each, 'md5') : undefined
    if (!isYamlMap(each) || relpath === undefined || md5 === undefined) {
      throw dvcMetadataInvalid(file, 'has a file without relpath or md5')
    }
    const sizeBytes = readCount(each, 'size', file)
    return { path: relpath, md5: splitMd5(md5.toLowerCase(), file).md5, sizeBytes }
  })
}

function readCount(map: YamlMap, key: string, file: string): number | undefined {
  const value = text(map, key)
  if (value === undefined) return undefined
  const count = Number(value)
  if (/^\d+$/.test(value) && Number.isSafeInteger(count)) return count
  throw dvcMetadataInvalid(file, `${key} is no size`)
}

function isOn(map: YamlMap, key: string, otherwise: boolean): boolean {
  const value = text(map, key)?.toLowerCase()
  return value === undefined ? otherwise : value === 'true' || value === 'yes' || value === 'on'
}
