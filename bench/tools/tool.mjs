import { runMeasured } from '../measure/run-measured.mjs'

/** A home of its own, so that nobody's settings take part. */
export function cleanEnvironment(home) {
  return {
    HOME: home,
    XDG_CONFIG_HOME: `${home}/.config`,
    XDG_CACHE_HOME: `${home}/.cache`,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'bench',
    GIT_AUTHOR_EMAIL: 'bench@example.org',
    GIT_COMMITTER_NAME: 'bench',
    GIT_COMMITTER_EMAIL: 'bench@example.org',
    DSV_AUTHOR_NAME: 'bench',
    DSV_AUTHOR_EMAIL: 'bench@example.org',
    DVC_NO_ANALYTICS: '1',
    LC_ALL: 'C.UTF-8',
  }
}

/**
 * Runs commands one after the other until one fails, and returns their costs as one: times and bytes
 * added up, the largest memory, the output of the last.
 */
export async function runAll(commands, options) {
  let total
  for (const argv of commands) {
    const one = await runMeasured(argv, options)
    total = total === undefined ? one : together(total, one)
    if (one.exitCode !== 0) return { ...total, failed: argv.join(' ') }
  }
  return total
}

function together(a, b) {
  const sum = (name) => (a[name] === undefined ? undefined : a[name] + b[name])
  return {
    ...b,
    wallSeconds: a.wallSeconds + b.wallSeconds,
    cpuSeconds: sum('cpuSeconds'),
    readBytes: sum('readBytes'),
    writtenBytes: sum('writtenBytes'),
    rssBytes: a.rssBytes === undefined ? undefined : Math.max(a.rssBytes, b.rssBytes),
  }
}
