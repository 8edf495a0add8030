// Kills the built dsv in pushes and clones, over a folder and dsv serve, and runs them again.
// `--short` kills ten times; `--kills` so often; `--minutes` ends it early.
import { loadLibrary, WITH_REMOTES } from '../e2e/reliability/engine/library.mjs'
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { randomFrom } from '../e2e/reliability/engine/random.mjs'
import { remoteKills } from '../e2e/reliability/engine/remote-kills.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'

const options = readOptions({ kills: undefined })
const { seed, isOver, short } = options
const library = await loadLibrary(WITH_REMOTES)
const kills = Number(options.kills ?? (short ? 10 : 300))
const result = await withScratch(async (scratch) =>
  remoteKills(library, scratch, { kills, random: randomFrom(seed), isOver }),
)
report('pushes and clones killed', result.counts, result.problems)
process.exit()
