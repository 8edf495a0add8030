import { CHECKS, type CheckSelection, type Severity } from '@dsv/analysis'
import { CONFIG_KEYS, type ConfigKey, type ConfigKeys, getConfig } from '@dsv/core'
import type { CommandIo } from './io.ts'
import { setting, settingsFiles } from './settings.ts'

const LEVELS = ['error', 'warning', 'info', 'off'] as const

/** Returns all settings, with those of each check: `check.<name>` and `check.<name>.<parameter>`. */
export function allConfigKeys(): ConfigKeys {
  const keys = new Map(CONFIG_KEYS)
  for (const { name, about, parameters = {} } of CHECKS) {
    const key = `check.${name}`
    keys.set(key, { key, about, type: 'choice', choices: LEVELS })
    for (const [parameter, { about: meaning, most = 1e9 }] of Object.entries(parameters))
      keys.set(`${key}.${parameter}`, numberKey(`${key}.${parameter}`, meaning, most))
  }
  return keys
}

/** Returns what the settings say of checks. @throws `DSV_CONFIG_INVALID` */
export function checkSettings(
  io: CommandIo,
): Required<Pick<CheckSelection, 'pixels' | 'severities' | 'parameters'>> {
  const [files, keys] = [settingsFiles(io), allConfigKeys()]
  const severities: Record<string, Severity | 'off'> = {}
  const parameters: Record<string, Record<string, number>> = {}
  for (const { name, parameters: known = {} } of CHECKS) {
    const said = getConfig(files, `check.${name}`, keys)?.value
    const level = LEVELS.find((each) => each === said)
    if (level !== undefined) severities[name] = level
    for (const parameter of Object.keys(known)) {
      const value = getConfig(files, `check.${name}.${parameter}`, keys)?.value
      if (typeof value === 'number') (parameters[name] ??= {})[parameter] = value
    }
  }
  return { pixels: setting(io, 'check.pixels') === true, severities, parameters }
}

function numberKey(key: string, about: string, most: number): ConfigKey {
  return { key, about, type: 'number', range: [0, most] }
}
