// Stops every flow at every change it makes to files, by kill and by power cut, and looks at what is
// left. `--short` takes a few points of each flow; `--flow` one flow; `--minutes` ends it early.
import { crashFlow } from '../e2e/reliability/engine/crash-flow.mjs'
import { flows } from '../e2e/reliability/engine/flows.mjs'
import { loadLibrary, PUBLIC } from '../e2e/reliability/engine/library.mjs'
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'

const options = readOptions({ flow: undefined, stride: undefined, randoms: undefined })
const library = await loadLibrary(PUBLIC)
const names = options.flow === undefined ? Object.keys(flows) : [options.flow]
const stride = Number(options.stride ?? (options.short ? 13 : 1))
const randoms = Number(options.randoms ?? (options.short ? 1 : 4))
const counts = {}
const problems = []
await withScratch(async (scratch) => {
  for (const name of names) {
    if (options.isOver()) break
    const { seed, isOver } = options
    const result = await crashFlow(library, name, scratch, { stride, randoms, seed, isOver })
    counts[name] = `${result.cases} cases at ${result.operations} changes`
    problems.push(...result.problems)
  }
})
report('crash enumeration', counts, problems)
process.exit()
