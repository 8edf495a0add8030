// Runs the built dsv (`npm run bundle`) in many processes at once, kills it, and runs it as other users
// and with odd clocks. `--short`; `--part many|kill|stale|users|clocks`; `--rounds`; `--minutes`.
import * as parts from '../e2e/reliability/engine/concurrency.mjs'
import { loadLibrary, PUBLIC } from '../e2e/reliability/engine/library.mjs'
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'

const options = readOptions({ part: 'all', rounds: undefined })
const library = await loadLibrary(PUBLIC)
const { seed, isOver, short, part } = options
const rounds = (few, many) => Number(options.rounds ?? (short ? few : many))
const runs = {
  many: (scratch) => parts.manyProcesses(library, scratch, { rounds: rounds(3, 40), seed, isOver }),
  kill: (scratch) => parts.killOften(library, scratch, { rounds: rounds(10, 300), seed, isOver }),
  stale: (scratch) => parts.staleLocks(library, scratch),
  users: (scratch) => parts.otherUsers(library, scratch),
  clocks: (scratch) => parts.oddClocks(library, scratch),
}
const counts = {}
const problems = []
for (const [name, run] of Object.entries(runs)) {
  if (part !== 'all' && part !== name) continue
  await withScratch(async (scratch) => {
    const result = await run(scratch)
    for (const [what, count] of Object.entries(result.counts)) counts[`${name}: ${what}`] = count
    problems.push(...result.problems.map((problem) => `${name}: ${problem}`))
  })
}
report('processes', counts, problems)
process.exit()
