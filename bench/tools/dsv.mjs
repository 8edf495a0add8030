import { runAll } from './tool.mjs'

const MISUSED = 2

/** Returns dsv as the scenarios drive it; `command` is how it is started. */
export function dsvTool(command, env) {
  const run = async (folder, ...lines) => {
    const ended = await runAll(
      lines.map((line) => [...command, ...line]),
      { cwd: folder, env },
    )
    const isMissing = ended.exitCode === MISUSED && /no command/u.test(ended.stderr)
    return isMissing ? { ...ended, missing: true } : ended
  }
  return {
    name: 'dsv',
    // Caches of the machine (`.dsv/local`) are no part of the store, as DVC's `.dvc/tmp` is not.
    storeFolder: '.dsv/objects',
    ignored: ['.dsv', '.dsvignore'],
    version: async (folder) => (await run(folder, ['--version'])).stdout.trim(),
    init: (folder) => run(folder, ['init']),
    add: (folder, { format }) =>
      run(folder, ['add', 'data', ...(format === undefined ? ['--plain'] : ['--format', format])]),
    addFolders: (folder, datasets, { format }) =>
      run(folder, ['add', ...datasets, '--format', format]),
    addAgain: (folder) => run(folder, ['add', 'data']),
    commit: (folder, message) => run(folder, ['commit', '-m', message]),
    tag: () => undefined,
    status: (folder) => run(folder, ['status', '--json']),
    readStatus: ({ stdout }) => {
      const { unstaged, untracked, staged } = JSON.parse(stdout)
      return {
        changed: unstaged.map(({ path }) => path),
        isClean:
          unstaged.length + untracked.length + staged.files.length + staged.datasets.length === 0,
      }
    },
    diff: (folder, from, to) => run(folder, ['diff', '--json', from, to]),
    readDiff: ({ stdout }) => JSON.parse(stdout).files.map(({ path }) => path),
    countChanged: ({ stdout }) =>
      JSON.parse(stdout).datasets.reduce(
        (sum, { summary }) => sum + summary.annotations.changed,
        0,
      ),
    stats: (folder) => run(folder, ['stats', '--json']),
    countAnnotations: ({ stdout }) => JSON.parse(stdout).annotations.count,
    goTo: (folder, revision) =>
      run(folder, revision === 'main' ? ['switch', 'main'] : ['switch', '--detach', revision]),
    restoreAll: (folder) => run(folder, ['restore', '.']),
    gc: (folder) => run(folder, ['gc']),
    exportAs: (folder, format, target, { subset, variant }) =>
      run(folder, [
        'checkout',
        'HEAD',
        '--format',
        format,
        '--output',
        target,
        '--media',
        'none',
        ...(subset === undefined ? [] : ['--subset', subset]),
        ...(variant === undefined ? [] : ['--variant', variant]),
      ]),
    check: (folder) =>
      run(folder, ['check', 'data', '--task', 'detection', '--fail-on', 'never', '--json']),
    countChecked: ({ stdout }) =>
      JSON.parse(stdout).datasets.reduce((sum, { annotations }) => sum + annotations, 0),
    evaluate: (folder, results) =>
      run(folder, ['eval', 'data', '--predictions-file', results, '--task', 'boxes', '--json']),
    readFigures: ({ stdout }) =>
      Object.values(JSON.parse(stdout).figures)
        .slice(0, 12)
        .map((value) => value ?? -1),
    transform: (folder, [step, ...words], target) =>
      run(folder, [
        'transform',
        step,
        'data',
        ...words,
        ...(target === undefined ? [] : ['--output', target]),
      ]),
    undo: (folder) => run(folder, ['undo']),
    consensus: (folder, datasets, into) =>
      run(folder, ['transform', 'consensus', ...datasets, '--into', into, '--json']),
    countAgreed: ({ stdout }) => JSON.parse(stdout).report.annotations.after,
    merge: (folder, branch) => run(folder, ['merge', branch]),
    branch: (folder, name, start) => run(folder, ['switch', '-c', name, start]),
    log: (folder) => run(folder, ['log', '--oneline']),
    run,
  }
}
