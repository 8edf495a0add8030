import path from 'node:path'
import { preparedImage } from './crash-flow.mjs'
import { flows, withRepository } from './flows.mjs'
import { ageLocks, isCache, writeImage } from './folder-image.mjs'
import { asDeadProcess, interceptFiles } from './recorded-files.mjs'
import { digestOf, problemsOf, treeOf } from './sound.mjs'

const WRITES = new Set(['open', 'write', 'writeFile', 'copyFile', 'mkdir', 'rename', 'fsync'])

/** What can go wrong: which calls fail, with which error, and whether all later ones do too. */
export const faults = {
  'disk full from here on': { code: 'ENOSPC', lasts: true, fails: fillsDisk },
  'disk full once': { code: 'ENOSPC', lasts: false, fails: fillsDisk },
  'no permission': { code: 'EACCES', lasts: false, fails: ({ isWrite }) => isWrite },
  'too many open files': { code: 'EMFILE', lasts: false, fails: ({ name }) => name === 'open' },
  'disk fault while writing': { code: 'EIO', lasts: false, fails: ({ isWrite }) => isWrite },
  'disk fault while reading': { code: 'EIO', lasts: false, fails: ({ name }) => name === 'read' },
}

function fillsDisk({ name, isWrite }) {
  return isWrite && WRITES.has(name)
}

/**
 * Runs a flow again and again, each time with another system call failing, and looks at the repository
 * afterwards: the command failed with an error that says why, or did its work; nothing is lost.
 */
export async function faultFlow(library, flowName, faultName, scratch, options) {
  const { stride = 1, offset = 0, isOver = () => false } = options
  const flow = flows[flowName]
  const fault = faults[faultName]
  const folder = path.join(scratch, 'repository')
  const base = await preparedImage(library, flow, scratch)
  const problems = []
  let cases = 0
  let isDone = false
  const states = await statesOf(library, flow, folder, base)
  for (let at = offset % stride; !isDone && !isOver(); at += stride) {
    writeImage(folder, base)
    const run = await runWithFault(library, flow, folder, { ...fault, at })
    isDone = !run.happened
    if (isDone) break
    cases += 1
    const where = `${flowName}, ${faultName} at ${at} (${run.call})`
    const note = (problem) => problems.push(`${where}: ${problem}`)
    const { error } = run
    // The operation itself may have been done when only cleaning up failed.
    if (error !== undefined && !isExplained(error)) note(`${error.stack}`)
    ageLocks(folder)
    const allowed = error === undefined ? new Set([states.digests.at(-1)]) : new Set(states.digests)
    const expectTree = (digest, tree) => states.trees.get(digest) === tree
    for (const problem of await problemsOf(library, folder, { allowed, expectTree })) note(problem)
  }
  return { cases, problems }
}

/** The states before and after the flow, and how the working tree differs from the stage in each. */
async function statesOf(library, flow, folder, base) {
  writeImage(folder, base)
  const digests = []
  const trees = new Map()
  const note = () =>
    withRepository(library, folder, async (repository) => {
      const digest = digestOf(await repository.store.readRoot())
      digests.push(digest)
      trees.set(digest, treeOf(await library.status(repository)))
    })
  await note()
  writeImage(folder, base)
  await flow.run(library, folder)
  await note()
  return { digests, trees }
}

async function runWithFault(library, flow, folder, { code, lasts, fails, at }) {
  let count = 0
  let call
  const files = interceptFiles(folder, {
    before: (made) => {
      if (isCache(made.path) || !fails(made)) return
      const isNow = lasts ? count >= at : count === at
      count += 1
      if (!isNow) return
      call ??= `${made.name} ${made.path}`
      const error = new Error(`${code}: injected, ${made.name} '${made.path}'`)
      throw Object.assign(error, { code, syscall: made.name, path: made.path, errno: -1 })
    },
  })
  try {
    // The command ends with its process: whoever comes later is another one.
    await asDeadProcess(() => flow.run(library, folder))
    return { happened: call !== undefined, call }
  } catch (error) {
    return { happened: call !== undefined, call, error }
  } finally {
    files.stop()
  }
}

/** An error that a user can understand: ours, or one of the system with its code. */
function isExplained({ code }) {
  return typeof code === 'string' && (code.startsWith('DSV_') || /^E[A-Z]+$/.test(code))
}
