import { readFileSync } from 'node:fs'
import path from 'node:path'
import { findRepository, REPOSITORY_FOLDER } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { configInvalid } from './errors.ts'
import type { CommandIo } from './io.ts'

/** Settings by their full name: `user.name`, `checkout.link`. */
export type Settings = ReadonlyMap<string, unknown>

/**
 * Reads the settings that hold in a folder: those of the repository win over those of the user.
 *
 * @throws `DSV_CONFIG_INVALID`
 */
export function readSettings(io: CommandIo): Settings {
  const root = findRepository(io.folder)
  const files = [
    userSettingsFile(io),
    ...(root === undefined ? [] : [repositorySettingsFile(root)]),
  ]
  return new Map(files.flatMap((file) => readFile(file)))
}

/** Returns the file with the settings of a working tree. */
export function repositorySettingsFile(root: string): string {
  return path.join(root, REPOSITORY_FOLDER, 'local', 'config.json')
}

/** Returns the file with the settings of the user, which hold everywhere. */
export function userSettingsFile({ environment }: CommandIo): string {
  const { XDG_CONFIG_HOME, HOME, USERPROFILE } = environment
  const base = XDG_CONFIG_HOME || path.join(HOME ?? USERPROFILE ?? '', '.config')
  return path.join(base, 'dsv', 'config.json')
}

function readFile(file: string): readonly [string, unknown][] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return []
    throw error
  }
  return flatten(parse(file, text), '')
}

function parse(file: string, text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw configInvalid(file, 'it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw configInvalid(file, 'it should hold an object')
  return value
}

/** `{ user: { name } }` and `{ "user.name" }` mean the same. */
function flatten(value: object, prefix: string): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): [string, unknown][] =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? flatten(inner, `${prefix}${name}.`)
      : [[prefix + name, inner]],
  )
}
