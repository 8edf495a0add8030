import { parseArgs } from 'node:util'

/** Reads `--minutes`, `--seed`, `--short` and what else a script takes (`name: default`). */
export function readOptions(more = {}) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      ...Object.fromEntries(Object.keys(more).map((name) => [name, { type: 'string' }])),
    },
  })
  const minutes = values.minutes === undefined ? Infinity : Number(values.minutes)
  const until = performance.now() + minutes * 60_000
  return {
    ...more,
    ...values,
    seed: Number(values.seed),
    isOver: () => performance.now() > until,
  }
}

/** Prints what was tried and found; exits with 1 when there is a problem. */
export function report(title, counts, problems) {
  const lines = Object.entries(counts).map(([name, count]) => `  ${name}: ${count}`)
  process.stdout.write(`${title}\n${lines.join('\n')}\n`)
  for (const problem of problems.slice(0, 40)) process.stdout.write(`PROBLEM ${problem}\n`)
  process.stdout.write(`problems: ${problems.length}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
