// Lets requests to a storage fail in every transfer, in every way, and looks at both sides afterwards:
// in memory, and over connections to a bucket and to dsv serve that break. `--short` takes a few places
// of each; `--part storage|bucket|server`, `--transfer`, `--fault` one of each; `--minutes` ends it early.
import { connectionFaults } from '../e2e/reliability/engine/cutting-proxy.mjs'
import { loadLibrary, WITH_REMOTES } from '../e2e/reliability/engine/library.mjs'
import { readOptions, report } from '../e2e/reliability/engine/options.mjs'
import { withScratch } from '../e2e/reliability/engine/scratch.mjs'
import { bucketCarrier, serverCarrier } from '../e2e/reliability/engine/served-carriers.mjs'
import { storageFaults } from '../e2e/reliability/engine/storage-faults.mjs'
import {
  memoryCarrier,
  prepareTransfers,
  transferFault,
  transferNames,
} from '../e2e/reliability/engine/transfer-faults.mjs'

const options = readOptions({
  part: 'all',
  transfer: undefined,
  fault: undefined,
  stride: undefined,
})
const { seed, isOver, short } = options
const library = await loadLibrary(WITH_REMOTES)
const names = options.transfer === undefined ? transferNames : [options.transfer]
const counts = {}
const problems = []

async function tryAll(part, faults, carrier, { strideShort, more = () => ({}) }) {
  const stride = Number(options.stride ?? (short ? strideShort : 1))
  for (const fault of Object.keys(faults)) {
    if (options.fault !== undefined && options.fault !== fault) continue
    let cases = 0
    for (const [offset, name] of names.entries()) {
      for (const lasts of short ? [false] : [false, true]) {
        const looks = {
          stride,
          offset: offset + seed,
          seed,
          isOver,
          carrier,
          ...more(fault, lasts),
        }
        const result = await transferFault(library, { name, fault, lasts }, prepared, looks)
        cases += result.cases
        problems.push(...result.problems.map((problem) => `${part}, ${problem}`))
      }
    }
    counts[`${part}, ${fault}`] = `${cases} cases in ${names.length} transfers`
  }
}

const served = {
  bucket: async () => bucketCarrier(library),
  server: async (scratch) => serverCarrier(library, scratch),
}
let prepared
await withScratch(async (scratch) => {
  prepared = await prepareTransfers(library, scratch)
  const isWanted = (part) => options.part === 'all' || options.part === part
  if (isWanted('storage'))
    await tryAll('storage', storageFaults, memoryCarrier(library), { strideShort: 7 })
  for (const [part, start] of Object.entries(served)) {
    if (!isWanted(part)) continue
    const { carrier, stop } = await start(scratch)
    // What happens once is made good by trying again.
    const more = (fault, lasts) => ({ isBorne: !lasts && connectionFaults[fault].isBorne })
    await tryAll(part, connectionFaults, carrier, { strideShort: 11, more })
    await stop()
  }
})
report('faults of a remote', counts, problems)
process.exit()
