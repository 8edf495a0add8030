// Kills the built dsv while it runs a pipeline, looks at what is there, and runs it again.
// `--short` kills six times; `--kills` so often; `--minutes` ends it early.
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { pipelineKills } from '../e2e/reliability/engine/pipeline-kills.mjs'
import { randomFrom } from '../e2e/reliability/engine/random.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'

const options = readOptions({ kills: undefined })
const { seed, isOver, short } = options
const kills = Number(options.kills ?? (short ? 6 : 200))
const result = await withScratch(async (scratch) =>
  pipelineKills(scratch, { kills, random: randomFrom(seed), isOver }),
)
report('runs of a pipeline killed', result.counts, result.problems)
