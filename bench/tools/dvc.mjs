import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { runAll } from './tool.mjs'

/** Returns DVC with Git, as its users have them, for the same scenarios. Links are copies. */
export function dvcTool(dvc, env) {
  const run = (folder, ...lines) => runAll(lines, { cwd: folder, env })
  return {
    name: 'dvc',
    storeFolder: '.dvc/cache',
    version: async (folder) => (await run(folder, [dvc, '--version'])).stdout.trim(),
    async init(folder) {
      const ended = await run(folder, ['git', 'init', '-q', '-b', 'main'], [dvc, 'init', '-q'])
      await run(folder, [dvc, 'config', '-q', 'core.analytics', 'false'])
      await run(folder, [dvc, 'config', '-q', 'cache.type', 'copy'])
      return ended
    },
    add: (folder) => run(folder, [dvc, 'add', '-q', 'data']),
    addAgain: (folder) => run(folder, [dvc, 'add', '-q', 'data']),
    commit: (folder, message) =>
      run(folder, ['git', 'add', '-A'], ['git', 'commit', '-q', '-m', message]),
    status: (folder) => run(folder, [dvc, 'status']),
    readStatus: ({ stdout }) => ({
      changed: undefined,
      isClean: stdout.includes('up to date'),
    }),
    diff: (folder, from, to) => run(folder, [dvc, 'diff', '--json', from, to]),
    readDiff: ({ stdout }) => {
      const found = JSON.parse(stdout)
      return [...found.added, ...found.deleted, ...found.modified]
        .map(({ path: name }) => name)
        .filter((name) => !name.endsWith('/'))
    },
    goTo: (folder, revision) =>
      run(folder, ['git', 'checkout', '-q', revision], [dvc, 'checkout', '-q']),
    restoreAll: (folder) => run(folder, [dvc, 'checkout', '-q']),
    gc: (folder) => run(folder, [dvc, 'gc', '-q', '--all-commits', '-f']),
    log: (folder) => run(folder, ['git', 'log', '--oneline']),
  }
}

/** Returns Git alone: nobody stores pixels with it, but its index shows what a status can cost. */
export function gitTool(env) {
  const run = (folder, ...lines) => runAll(lines, { cwd: folder, env })
  return {
    name: 'git',
    storeFolder: '.git',
    version: async (folder) =>
      (await run(folder, ['git', '--version'])).stdout.trim().split(' ').at(-1),
    async init(folder) {
      const ended = await run(
        folder,
        ['git', 'init', '-q', '-b', 'main'],
        ['git', 'config', 'gc.auto', '0'],
      )
      writeFileSync(path.join(folder, '.git/info/exclude'), '')
      return ended
    },
    add: (folder) => run(folder, ['git', 'add', 'data']),
    addAgain: (folder) => run(folder, ['git', 'add', 'data']),
    commit: (folder, message) => run(folder, ['git', 'commit', '-q', '-m', message]),
    status: (folder) => run(folder, ['git', 'status', '--porcelain']),
    readStatus: ({ stdout }) => {
      const changed = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice(3))
      return { changed, isClean: changed.length === 0 }
    },
    diff: (folder, from, to) => run(folder, ['git', 'diff', '--name-only', from, to]),
    readDiff: ({ stdout }) => stdout.split('\n').filter(Boolean),
    goTo: (folder, revision) => run(folder, ['git', 'checkout', '-q', revision]),
    restoreAll: (folder) => run(folder, ['git', 'checkout', '-q', '--', '.']),
    gc: (folder) => run(folder, ['git', 'gc', '-q']),
    log: (folder) => run(folder, ['git', 'log', '--oneline']),
  }
}
