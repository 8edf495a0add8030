// Lets system calls fail in every flow, damages files of a repository, and looks at what is left.
// `--short` takes a few places of each; `--part faults|damage|root` one part; `--minutes` ends it early.
import { damageFiles, damageRoot } from '../e2e/reliability/engine/damage.mjs'
import { faultFlow, faults } from '../e2e/reliability/engine/fault-flow.mjs'
import { flows } from '../e2e/reliability/engine/flows.mjs'
import { loadLibrary, PUBLIC } from '../e2e/reliability/engine/library.mjs'
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'

const options = readOptions({ flow: undefined, fault: undefined, stride: undefined, part: 'all' })
const library = await loadLibrary(PUBLIC)
const { seed, isOver, part } = options
const isWanted = (name) => part === 'all' || part === name
const counts = {}
const problems = []
await withScratch(async (scratch) => {
  const flowNames = options.flow === undefined ? Object.keys(flows) : [options.flow]
  const faultNames = options.fault === undefined ? Object.keys(faults) : [options.fault]
  const stride = Number(options.stride ?? (options.short ? 37 : 1))
  for (const fault of isWanted('faults') ? faultNames : []) {
    let cases = 0
    for (const [offset, flow] of flowNames.entries()) {
      const result = await faultFlow(library, flow, fault, scratch, {
        stride,
        offset: offset + seed,
        isOver,
      })
      cases += result.cases
      problems.push(...result.problems)
    }
    counts[fault] = `${cases} cases in ${flowNames.length} flows`
  }
  if (isWanted('damage')) {
    const result = await damageFiles(library, scratch, { short: options.short, seed, isOver })
    Object.assign(counts, result.counts)
    problems.push(...result.problems)
  }
  if (isWanted('root')) {
    const result = await damageRoot(library, scratch, { short: options.short })
    Object.assign(counts, result.counts)
    problems.push(...result.problems)
  }
})
report('faults and damage', counts, problems)
process.exit()
