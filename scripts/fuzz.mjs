// Gives mutated bytes and values to every decoder, and a set of known bombs to every reader.
// `--short` some hundred cases each; `--only` one target; `--kind bomb|mutation|all`; `--minutes` goes
// on with new seeds until the time is over.
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { runFuzz } from '../e2e/reliability/engine/run-fuzz.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'

const options = readOptions({ only: undefined, kind: 'all', count: undefined })
const count = Number(options.count ?? (options.short ? 300 : 5000))
const counts = {}
const problems = []
await withScratch(async (scratch) => {
  const { only, kind, isOver } = options
  const take = (result) => {
    for (const [name, { cases, accepted }] of Object.entries(result.counts)) {
      const before = counts[name] ?? { cases: 0, accepted: 0 }
      counts[name] = { cases: before.cases + cases, accepted: before.accepted + accepted }
    }
    problems.push(...result.problems)
  }
  if (kind !== 'mutation')
    take(await runFuzz(scratch, { kind: 'bomb', only, seed: 0, count: 1, slowMs: 5000, isOver }))
  if (kind === 'bomb') return
  let { seed } = options
  do {
    take(await runFuzz(scratch, { kind: 'mutation', only, seed, count, isOver }))
    seed += 1
  } while (options.minutes !== undefined && !isOver())
})
const lines = Object.entries(counts).map(([name, { cases, accepted }]) => [
  name,
  `${cases} cases, ${accepted} taken, the others refused`,
])
report('fuzzing', Object.fromEntries(lines), [...new Set(problems)])
process.exit()
