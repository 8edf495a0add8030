// Writes results into docs/performance.md, where shapes were measured in several runs of bench/run.mjs.
//
// node bench/publish.mjs results/2026-11-21T0608.local.json …
//
// What is compared, a shape, is always from one run: the last of the files that has it.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { updateDocument } from './report/render-table.mjs'
import { SHAPES } from './shapes/index.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const runs = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')))
if (runs.length === 0) throw new Error('which results? Name the files that bench/run.mjs wrote')

const machines = new Set(runs.map(({ machine }) => JSON.stringify(machine.cpu)))
if (machines.size > 1) throw new Error('these runs are from different machines')

const results = Object.keys(SHAPES).flatMap((shape) => {
  const of = (run) => run.results.filter((each) => each.shape === shape)
  return runs.map(of).findLast((list) => list.length > 0) ?? []
})
const newest = runs.toSorted((a, b) => (a.date < b.date ? -1 : 1)).at(-1)
const versions = Object.assign({}, ...runs.map((run) => run.versions))
const merged = { ...newest, versions, results }
const file = here(`results/${merged.date.slice(0, 16).replaceAll(':', '')}.json`)
writeFileSync(file, `${JSON.stringify(merged, undefined, 1)}\n`)
updateDocument(here('../docs/performance.md'), merged)
console.error(`results: ${file}`)
