// Lets two pushes to one branch and garbage collection reach a storage in every order, and looks at each.
// `--short` bounds how often one is stopped; `--clock right|ahead|behind` one clock; `--minutes` ends early.
import { explore, sample } from '../e2e/reliability/engine/explore.mjs'
import { loadLibrary, WITH_REMOTES } from '../e2e/reliability/engine/library.mjs'
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { randomFrom } from '../e2e/reliability/engine/random.mjs'
import {
  clocks,
  endProblems,
  prepareSharing,
  readerProblems,
  sharingWorld,
} from '../e2e/reliability/engine/remote-world.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'

const options = readOptions({
  clock: undefined,
  preemptions: undefined,
  samples: undefined,
  people: 'one,two',
})
const { seed, isOver, short } = options
const library = await loadLibrary(WITH_REMOTES)
const names = options.clock === undefined ? Object.keys(clocks) : [options.clock]
const preemptions = Number(options.preemptions ?? (short ? 1 : Infinity))
const count = Number(options.samples ?? (short ? 20 : 2000))
const counts = {}
const problems = []
await withScratch(async (scratch) => {
  const prepared = await prepareSharing(library, scratch)
  for (const clock of names) {
    const world = sharingWorld(library, prepared, {
      skewMs: clocks[clock],
      people: options.people.split(','),
    })
    const looks = {
      isOver,
      onState: (storage) => readerProblems(library, storage),
      onEnd: (storage, outcomes) => endProblems(library, prepared, storage, outcomes),
    }
    const all = await explore(world, { ...looks, preemptions })
    const how = all.isComplete ? 'all' : 'not all'
    counts[`clock ${clock}, ${how}`] =
      `${all.runs} (${all.states} states, ${all.contents} contents of the storage, ${all.ends} ends, ${all.steps} steps, ${all.strayed} strayed, ${all.rounds} rounds)`
    const some = await sample(world, { ...looks, count, random: randomFrom(seed) })
    counts[`clock ${clock}, by chance`] = `${some.runs} cases`
    problems.push(...all.problems, ...some.problems)
  }
})
report(`two pushes and garbage collection, ${preemptions} preemptions`, counts, problems)
process.exit()
