import {
  CONFIG_KEYS,
  type ConfigKeys,
  getConfig,
  listConfig,
  setConfig,
  unsetConfig,
} from '@dsv/core'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { settingsFiles } from '../settings.ts'
import { jsonText } from '../views/json-text.ts'
import { listLines } from '../views/table-lines.ts'

/** `dsv config`: shows and changes settings. */
export const configCommand: Command = defineCommand({
  name: 'config',
  positionals: '[key] [value]',
  summary: 'Show and change settings of this repository, or of the user.',
  details: [
    'Settings of a repository win over those of the user. The keys:',
    ...listLines([
      ...[...CONFIG_KEYS.values()].map(({ key, about }) => [`  ${key}`, about]),
      ['  check.<name>', 'How bad findings of a check are: error, warning, info or off.'],
      ['  check.<name>.<parameter>', 'What it goes by; `dsv check --list --json` has all.'],
    ]),
  ].join('\n'),
  examples: [
    ['dsv config --global user.name "Ada Lovelace"', 'Say who you are, everywhere'],
    ['dsv config user.email', 'Print one setting'],
    ['dsv config --list', 'All settings and where they come from'],
    ['dsv config --unset core.color', 'Take a setting back'],
  ],
  describe: (options) =>
    options
      .positional('key', { type: 'string', describe: 'Name of a setting' })
      .positional('value', { type: 'string', describe: 'Its new value' })
      .option('global', {
        alias: 'user',
        type: 'boolean',
        default: false,
        describe: 'Read and write the settings of the user',
      })
      .option('local', {
        type: 'boolean',
        default: false,
        describe: 'Read and write those of the repository (what writing does without --global)',
      })
      .option('list', { alias: 'l', type: 'boolean', default: false, describe: 'List settings' })
      .option('unset', { type: 'boolean', default: false, describe: 'Take a setting back' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async ({ key, value, global, local, list, unset, json }, io) => {
    exclude({ global, local })
    const all = settingsFiles(io)
    const files = global ? { user: all.user } : local && all.local ? { local: all.local } : all
    if (key === undefined || list) {
      const entries = listConfig(files, await knownKeys('check.'))
      if (json) io.out(jsonText(entries))
      else
        for (const line of listLines(
          entries.map((each) => [each.key, String(each.value), each.file ?? each.origin]),
        ))
          io.out(`${line}\n`)
      return DONE
    }
    const keys = await knownKeys(key)
    if (value === undefined && !unset) {
      const found = getConfig(files, key, keys)
      if (json) io.out(jsonText(found ?? null))
      else if (found !== undefined) io.out(`${String(found.value)}\n`)
      return found === undefined ? FAILED : DONE
    }
    const file = global ? all.user : all.local
    if (file === undefined)
      throw new UsageError(
        'There is no repository here: use --global for the settings of the user.',
      )
    if (value !== undefined) setConfig(file, key, value, keys)
    else if (!unsetConfig(file, key, keys)) return FAILED
    return DONE
  },
})

/** Only settings of checks need to know which checks there are. */
async function knownKeys(key: string): Promise<ConfigKeys> {
  if (!key.startsWith('check.')) return CONFIG_KEYS
  return (await import('../check-settings.ts')).allConfigKeys()
}
