import {
  type ConfigSections,
  configValueAt,
  readConfigFile,
  withConfigValue,
  writeConfigFile,
} from '../config/config-file.ts'
import { configInvalid } from '../errors.ts'
import { compileQuery } from '../query/compile-query.ts'

/**
 * Which media files belong into the working tree of a partial clone: with `all` those that fulfil
 * every condition given. Files of other roles are always there.
 */
export interface MediaFilter {
  readonly media: 'all' | 'none'
  /** Below one of these folders, or one of these files; empty for anywhere. */
  readonly paths: readonly string[]
  /** Of an item of one of these subsets; empty for any. */
  readonly subsets: readonly string[]
  /** Of an item that this query chooses. */
  readonly where?: string
}

/** What a partial clone is a part of. */
export interface PartialClone extends MediaFilter {
  /** Name of the remote that has what is missing. */
  readonly remote: string
}

/** All media. */
export const ALL_MEDIA: MediaFilter = { media: 'all', paths: [], subsets: [] }

/** Returns whether a filter lets every media file through. */
export function isAllMedia({ media, paths, subsets, where }: MediaFilter): boolean {
  return media === 'all' && paths.length === 0 && subsets.length === 0 && where === undefined
}

/**
 * Reads from the machine-local settings what a partial clone is a part of; a file that does not say means
 * all of `origin`.
 *
 * @throws `DSV_CONFIG_INVALID`
 */
export function readPartialClone(file: string): PartialClone {
  const sections = readConfigFile(file)
  const {
    remote = 'origin',
    media = 'all',
    paths = [],
    subsets = [],
    where,
  } = {
    remote: valueAt(sections, 'remote', file),
    media: valueAt(sections, 'media', file),
    paths: valueAt(sections, 'paths', file),
    subsets: valueAt(sections, 'subsets', file),
    where: valueAt(sections, 'where', file),
  }
  if (typeof remote !== 'string') throw configInvalid(file, 'partial.remote', 'is no text')
  if (media !== 'all' && media !== 'none')
    throw configInvalid(file, 'partial.media', 'is neither all nor none')
  if (!isTexts(paths)) throw configInvalid(file, 'partial.paths', 'is no list of texts')
  if (!isTexts(subsets)) throw configInvalid(file, 'partial.subsets', 'is no list of texts')
  if (where === undefined) return { remote, media, paths, subsets }
  if (typeof where !== 'string') throw configInvalid(file, 'partial.where', 'is no text')
  return { remote, media, paths, subsets, where }
}

/**
 * Writes what a partial clone is a part of into the machine-local settings.
 *
 * @throws `DSV_QUERY_SYNTAX`, `DSV_CONFIG_INVALID`
 */
export function writePartialClone(
  file: string,
  { remote, media, paths, subsets, where }: PartialClone,
): void {
  if (where !== undefined) compileQuery(where)
  let sections = readConfigFile(file)
  const values = {
    remote,
    media,
    paths: paths.length > 0 ? paths : undefined,
    subsets: subsets.length > 0 ? subsets : undefined,
    where,
  }
  for (const [name, value] of Object.entries(values))
    sections = withConfigValue(sections, `partial.${name}`, value, file)
  writeConfigFile(file, sections)
}

function valueAt(sections: ConfigSections, name: string, file: string): unknown {
  return configValueAt(sections, `partial.${name}`, file)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
