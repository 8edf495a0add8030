import { randomUUID } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { configInvalid } from '../errors.ts'
import { jsonErrorLine } from './json-error-line.ts'

/** A file of settings as it is: sections of values; unknown ones stay as they are. */
export type ConfigSections = ReadonlyMap<string, unknown>

/** Settings are a few lines; what is larger is something else. */
const MAX_BYTES = 1_000_000

/**
 * Reads a file of settings: a JSON object of sections, each an object of values. A file that is not
 * there says nothing.
 *
 * @throws `DSV_CONFIG_INVALID` with the file and the place in it
 */
export function readConfigFile(file: string): ConfigSections {
  let text: string
  try {
    if (statSync(file).size > MAX_BYTES) throw configInvalid(file, 'the file', 'is too large')
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR')
      return new Map()
    throw error
  }
  if (text.trim() === '') return new Map()
  const value = parse(file, text)
  if (!isObject(value)) throw configInvalid(file, 'the file', 'is no JSON object')
  return new Map(Object.entries(value))
}

/** Returns the value in a section; undefined when the file does not have it. */
export function configValueAt(sections: ConfigSections, key: string, file: string): unknown {
  const [section, name] = splitKey(key)
  const values = sections.get(section)
  if (values === undefined) return undefined
  if (!isObject(values)) throw configInvalid(file, section, 'is no JSON object')
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** Returns the sections with one value replaced, or taken away when it is undefined. */
export function withConfigValue(
  sections: ConfigSections,
  key: string,
  value: unknown,
  file: string,
): ConfigSections {
  const [section, name] = splitKey(key)
  const before = sections.get(section) ?? {}
  if (!isObject(before)) throw configInvalid(file, section, 'is no JSON object')
  const kept = Object.entries(before).filter(([each]) => each !== name || value !== undefined)
  const values = Object.fromEntries(kept)
  if (value !== undefined) values[name] = value
  const changed = new Map(sections).set(section, values)
  if (Object.keys(values).length === 0) changed.delete(section)
  return changed
}

/**
 * Writes a file of settings beside its place and renames it, so that nobody reads half of it. A file
 * that was readable for its owner alone stays so.
 */
export function writeConfigFile(file: string, sections: ConfigSections): void {
  mkdirSync(path.dirname(file), { recursive: true })
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0o644
  const temporary = `${file}.dsv-tmp-${randomUUID()}`
  try {
    writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(sections), undefined, 2)}\n`, {
      flag: 'wx',
      mode: mode & 0o777,
    })
    const descriptor = openSync(temporary, 'r')
    fsyncSync(descriptor)
    closeSync(descriptor)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw configInvalid(file, `line ${jsonErrorLine(text)}`, 'is no JSON', error)
  }
}

function splitKey(key: string): readonly [section: string, name: string] {
  const dot = key.indexOf('.')
  return [key.slice(0, dot), key.slice(dot + 1)]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
