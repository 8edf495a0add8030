// Runs install, gates, tests, kills and faults, examples, the checks in Python and those against servers of others one after the other,
// goes on after a failure, and prints in the end what failed and how many tests passed.
//
//   node scripts/run-checks.mjs <folder for reports> [--no-install]
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [reports, ...flags] = process.argv.slice(2)
if (reports === undefined) throw new Error('usage: node scripts/run-checks.mjs <folder>')

const install = run('install', 'npm', ['install', '--no-package-lock'])
// Without packages every other step would fail for a reason that is not its own.
const results = install.isDone ? [install, ...runAll()] : [install]

const sum = { passed: 0, failed: 0, skipped: 0 }
console.log('\n== summary')
for (const { name, isDone, seconds, counts } of results) {
  for (const key of Object.keys(sum)) sum[key] += counts[key]
  console.log(`${isDone ? 'ok    ' : 'FAILED'}  ${name}  (${seconds.toFixed(0)} s)`)
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exitCode = results.every(({ isDone }) => isDone) ? 0 : 1

function runAll() {
  return [
    ...['format:check', 'lint', 'layers', 'build', 'docs:check', 'unused'].map((gate) =>
      run(gate, 'npm', ['run', '--silent', gate]),
    ),
    runJest('tests', ['test']),
    runJest('reliability', ['run', '--silent', 'reliability']),
    // The other examples run among the tests; this is the first thing that README.md says.
    run('example', 'npm', ['run', '--silent', 'example']),
    run('interop', 'bash', ['scripts/interop.sh'], countLastLine),
    run('remotes', 'bash', ['scripts/remotes.sh'], countLastLine),
    run('video', 'bash', ['scripts/video.sh'], countLastLine),
    run('ray', 'bash', ['scripts/ray.sh'], countLastLine),
  ]
}

/** Runs a script of npm that runs Jest, and counts tests. */
function runJest(name, script) {
  const report = path.join(reports, `${name}.json`)
  const args = [...script, '--', '--json', `--outputFile=${report}`]
  return run(name, 'npm', args, (isDone) => countJest(isDone, report))
}

/** Runs one step; a step that counts nothing is one check. */
function run(name, command, args, count = countOne) {
  if (name === 'install' && flags.includes('--no-install')) return skipped(name)
  console.log(`\n== ${name}`)
  const start = performance.now()
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', count === countLastLine ? 'pipe' : 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (stdout !== null) process.stdout.write(stdout)
  const isDone = status === 0
  const counts = count(isDone, stdout ?? '')
  // What fails without a count, for example because it could not begin, must still show in the sum.
  if (!isDone && counts.failed === 0) counts.failed = 1
  return { name, isDone, seconds: (performance.now() - start) / 1000, counts }
}

function skipped(name) {
  return { name, isDone: true, seconds: 0, counts: { passed: 0, failed: 0, skipped: 0 } }
}

function countOne(isDone) {
  return { passed: isDone ? 1 : 0, failed: isDone ? 0 : 1, skipped: 0 }
}

function countJest(isDone, report) {
  if (!existsSync(report)) return countOne(isDone)
  const found = JSON.parse(readFileSync(report, 'utf8'))
  return {
    passed: found.numPassedTests,
    // A suite that cannot be loaded has no tests that could fail.
    failed: found.numFailedTests + found.numRuntimeErrorTestSuites,
    skipped: found.numPendingTests + found.numTodoTests,
  }
}

function countLastLine(isDone, text) {
  const match = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(text)
  if (match === null) return countOne(isDone)
  const [passed, failed, skippedCount] = match.slice(1).map(Number)
  return { passed, failed, skipped: skippedCount }
}
