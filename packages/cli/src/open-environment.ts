import type { Environment, FormatProvider, Identity } from '@dsv/core'
import { formatNames } from '@dsv/formats'
import type { CommandIo } from './io.ts'
import { openFormats } from './open-formats.ts'
import { setting } from './settings.ts'

/** Returns what the library may know of the world outside. @throws `DSV_CONFIG_INVALID` */
export function openEnvironment(io: CommandIo): Environment {
  return {
    formats: lazyFormats(io),
    now: io.now,
    user: userOf(io),
    host: io.environment['DSV_HOST'] ?? io.account.host,
    command: ['dsv', ...io.argv].map(quoted).join(' '),
    link: setting(io, 'checkout.link') === 'hardlink' ? 'hardlink' : 'copy',
    signal: io.signal,
    onProgress: io.onProgress,
    fetchMissing: async (repository, ids) => {
      const module = await import('./fetch-missing.ts')
      await module.fetchMissing(repository, ids, io)
    },
    workerUrl: setting(io, 'core.workers') === 0 ? undefined : io.workerUrl,
  }
}

function userOf(io: CommandIo): Identity {
  const { environment, account } = io
  const text = (key: string): string => String(setting(io, key) ?? '')
  return {
    name: environment['DSV_AUTHOR_NAME'] || text('user.name') || account.user,
    email:
      environment['DSV_AUTHOR_EMAIL'] || text('user.email') || `${account.user}@${account.host}`,
  }
}

/** Words with blanks and signs are quoted, so that the log shows what can be typed again. */
function quoted(word: string): string {
  return /^[\w@%+=:,./~^-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** The formats, loaded when one is needed: most commands need none. */
function lazyFormats(io: CommandIo): FormatProvider {
  let opening: Promise<FormatProvider> | undefined
  const opened = async (): Promise<FormatProvider> => (opening ??= openFormats(io))
  return {
    names: formatNames,
    load: async (name) => (await opened()).load(name),
    describe: async (name) => (await opened()).describe(name),
    detect: async (folder, map) => (await opened()).detect(folder, map),
    probe: async (folder, path) => (await opened()).probe(folder, path),
    openFrames: async (...args) => (await opened()).openFrames(...args),
  }
}
