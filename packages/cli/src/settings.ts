import path from 'node:path'
import {
  type ConfigFiles,
  type ConfigValue,
  findRepository,
  getConfig,
  localConfigFile,
} from '@dsv/core'
import type { CommandIo } from './io.ts'

/** Returns the files of settings that count in the folder of a command. */
export function settingsFiles(io: CommandIo): ConfigFiles & { readonly user: string } {
  const root = findRepository(io.folder)
  return {
    user: userSettingsFile(io),
    ...(root !== undefined && { local: localConfigFile(root) }),
  }
}

/** Returns one setting. @throws `DSV_CONFIG_INVALID` */
export function setting(io: CommandIo, key: string): ConfigValue | undefined {
  return getConfig(settingsFiles(io), key)?.value
}

/**
 * Returns the world as the settings want it: with or without colours and progress.
 *
 * @throws `DSV_CONFIG_INVALID`
 */
export function applySettings(io: CommandIo): CommandIo {
  const color = setting(io, 'core.color')
  return {
    ...io,
    useColor: color === 'always' || (color !== 'never' && io.useColor),
    isTerminal: io.isTerminal && setting(io, 'core.progress') !== false,
  }
}

function userSettingsFile({ environment }: CommandIo): string {
  const { XDG_CONFIG_HOME, HOME, USERPROFILE } = environment
  const base = XDG_CONFIG_HOME || path.join(HOME ?? USERPROFILE ?? '', '.config')
  return path.join(base, 'dsv', 'config.json')
}
