import fs from 'node:fs'
import path from 'node:path'
import { describe, mustRun, startDsv } from './processes.mjs'

const FILES = 40

/** Two stages that need one input, one that needs both, and one whose output is not stored. */
const PIPELINE = `
stages:
  left:
    cmd: mkdir left && for i in $(seq ${FILES}); do cat in.txt > left/$i.txt; done
    deps: [in.txt]
    outs: [left]
  right:
    cmd: mkdir right && for i in $(seq ${FILES}); do cat in.txt > right/$i.txt; done
    deps: [in.txt]
    outs: [right]
  both:
    cmd: mkdir -p deep/both && for i in $(seq ${FILES}); do cat left/$i.txt right/$i.txt > deep/both/$i.txt; done
    deps: [left, right]
    outs: [deep/both]
  big:
    cmd: mkdir big && for i in $(seq ${FILES}); do cat deep/both/$i.txt > big/$i.txt; done
    deps: [deep/both]
    outs: [big: {cache: false}]
`

const OUTPUTS = ['left', 'right', 'deep/both', 'big']

/**
 * Kills the built dsv in the middle of `dsv run`. What each stage made has to be whole afterwards, from before or from
 * after, and the next run has to make what an undisturbed one makes.
 */
export async function pipelineKills(scratch, { kills, random, isOver = () => false }) {
  const problems = []
  const counts = {
    killed: 0,
    'ended before': 0,
    'outputs that were old': 0,
    'outputs that were new': 0,
  }
  const work = path.join(scratch, 'pipeline')
  fs.mkdirSync(work)
  await mustRun(work, ['init'], problems)
  fs.writeFileSync(path.join(work, 'dvc.yaml'), PIPELINE)
  write(work, 'v0')
  const from = performance.now()
  await mustRun(work, ['run'], problems)
  const lastMs = performance.now() - from

  for (let kill = 1; kill <= kills && !isOver(); kill += 1) {
    const [old, fresh] = [`v${kill - 1}`, `v${kill}`]
    write(work, fresh)
    const killAfterMs = Math.ceil((0.1 + 0.9 * random()) * lastMs)
    const note = (problem) => problems.push(`killed after ${killAfterMs} ms: ${problem}`)
    const first = await startDsv(work, ['run'], { killAfterMs })
    counts[first.signal === 'SIGKILL' ? 'killed' : 'ended before'] += 1
    // Whoever comes next ends a checkout that was killed.
    const status = await startDsv(work, ['status', '--json'])
    if (status.exitCode !== 0) note(describe(status))
    for (const output of OUTPUTS) {
      const values = valuesIn(path.join(work, output))
      // An output that is not stored may be missing: it comes after what is published.
      if (values.size === 0 && output === 'big') continue
      const [value] = values
      if (values.size !== 1 || (value !== old && value !== fresh))
        note(`${output} holds ${[...values].join(', ') || 'nothing'}`)
      counts[value === fresh ? 'outputs that were new' : 'outputs that were old'] += 1
    }
    const again = await startDsv(work, ['run'])
    if (again.exitCode !== 0) note(`again: ${describe(again)}`)
    for (const output of OUTPUTS) {
      const values = [...valuesIn(path.join(work, output))]
      if (values.join() !== fresh) note(`${output} holds ${values.join(', ')} in the end`)
    }
    const third = await startDsv(work, ['run'])
    if (third.stdout !== 'Nothing to do.\n') note(`a third time: ${describe(third)}`)
    const runs = fs.readdirSync(path.join(work, '.dsv/local/runs'))
    if (runs.length > 0) note(`scratch folders were left: ${runs.join(', ')}`)
  }
  const check = await startDsv(work, ['fsck'])
  if (check.exitCode !== 0) problems.push(describe(check))
  return { counts, problems }
}

function write(work, value) {
  fs.writeFileSync(path.join(work, 'in.txt'), `${value}\n`)
}

/** The lines of all files of an output, each once; a missing file is one too. */
function valuesIn(folder) {
  if (!fs.existsSync(folder)) return new Set()
  const names = fs.readdirSync(folder)
  const lines = names.flatMap((name) =>
    fs.readFileSync(path.join(folder, name), 'utf8').split('\n').filter(Boolean),
  )
  return new Set(names.length === FILES ? lines : [...lines, 'a missing file'])
}
