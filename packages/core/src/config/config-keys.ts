import { configInvalid, configKeyUnknown } from '../errors.ts'
import { nearNames } from '../query/near-names.ts'

/** The value of a setting. */
export type ConfigValue = string | number | boolean

/** A setting that there is. */
export interface ConfigKey {
  readonly key: string
  /** What it does, in one sentence. */
  readonly about: string
  readonly type: 'text' | 'integer' | 'number' | 'boolean' | 'choice'
  /** What a choice can be. */
  readonly choices?: readonly string[]
  /** The smallest and largest integer or number. */
  readonly range?: readonly [least: number, most: number]
  /** What counts where no file says anything. */
  readonly default?: ConfigValue
}

/** Settings by key. */
export type ConfigKeys = ReadonlyMap<string, ConfigKey>

/** All settings but those of single checks, which have names of their own; by key. */
export const CONFIG_KEYS: ConfigKeys = new Map(
  (
    [
      {
        key: 'check.pixels',
        about: 'Whether `dsv check` runs the checks that read pixels.',
        type: 'boolean',
        default: false,
      },
      {
        key: 'checkout.link',
        about: 'How large files get into the working tree; edits of a hard link damage the store.',
        type: 'choice',
        choices: ['copy', 'hardlink'],
        default: 'copy',
      },
      {
        key: 'commit.check',
        about: 'Whether commits check the datasets that changed, and refuse on errors.',
        type: 'boolean',
        default: false,
      },
      {
        key: 'core.color',
        about: 'When the output has colours.',
        type: 'choice',
        choices: ['auto', 'always', 'never'],
        default: 'auto',
      },
      { key: 'core.editor', about: 'The program in which messages are written.', type: 'text' },
      { key: 'core.pager', about: 'The program that shows long output.', type: 'text' },
      {
        key: 'core.progress',
        about: 'Whether long work shows how far it is.',
        type: 'boolean',
        default: true,
      },
      {
        key: 'core.workers',
        about: 'Threads that hash and write files; 0 does everything in the main thread.',
        type: 'integer',
        range: [0, 64],
        default: 2,
      },
      {
        key: 'formats.plugins',
        about:
          'Packages in node_modules of the working tree that bring formats; their code is run.',
        type: 'text',
      },
      {
        key: 'partial.media',
        about: 'Whether a partial clone gets the media that its filter chooses.',
        type: 'choice',
        choices: ['all', 'none'],
      },
      { key: 'user.email', about: 'Your address, as commits show it.', type: 'text' },
      { key: 'user.name', about: 'Your name, as commits show it.', type: 'text' },
    ] satisfies readonly ConfigKey[]
  ).map((each): [string, ConfigKey] => [each.key, each]),
)

/** Returns what is known of a setting. @throws `DSV_CONFIG_KEY_UNKNOWN` with what may be meant */
export function configKey(key: string, keys: ConfigKeys = CONFIG_KEYS): ConfigKey {
  const found = keys.get(key)
  if (found !== undefined) return found
  throw configKeyUnknown(key, nearNames(key, keys.keys()), [...CONFIG_KEYS.keys()])
}

/**
 * Returns the value that text, as typed, means for a setting.
 *
 * @throws `DSV_CONFIG_INVALID`
 */
export function parseConfigValue(key: ConfigKey, text: string): ConfigValue {
  const trimmed = text.trim()
  const isNumber =
    (key.type === 'integer' && /^-?\d{1,15}$/.test(trimmed)) ||
    (key.type === 'number' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(trimmed))
  const typed = isNumber ? Number(trimmed) : key.type === 'boolean' ? asBoolean(trimmed) : text
  return checkConfigValue(key, typed)
}

function asBoolean(text: string): boolean | string {
  const lower = text.toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(lower)) return true
  return ['false', 'no', 'off', '0'].includes(lower) ? false : text
}

/**
 * Returns the value when the setting can have it.
 *
 * @param file - Where it comes from, for the message
 * @throws `DSV_CONFIG_INVALID`
 */
export function checkConfigValue(key: ConfigKey, value: unknown, file?: string): ConfigValue {
  const problem = valueProblem(key, value)
  if (problem === undefined && isConfigValue(value)) return value
  throw configInvalid(file, key.key, problem ?? 'has no plain value')
}

function valueProblem(
  { type, choices = [], range }: ConfigKey,
  value: unknown,
): string | undefined {
  if (type === 'boolean')
    return typeof value === 'boolean' ? undefined : 'is neither true nor false'
  if (type === 'integer' || type === 'number') {
    const [least, most] = range ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
    const isIn = typeof value === 'number' && value >= least && value <= most
    if (isIn && (type === 'number' || Number.isInteger(value))) return undefined
    return `is no ${type === 'integer' ? 'whole number' : 'number'} from ${least} to ${most}`
  }
  if (typeof value !== 'string') return 'is no text'
  if (type === 'choice')
    return choices.includes(value) ? undefined : `is none of ${choices.join(', ')}`
  return /[\p{Cc}]/u.test(value) ? 'holds a control character' : undefined
}

function isConfigValue(value: unknown): value is ConfigValue {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
