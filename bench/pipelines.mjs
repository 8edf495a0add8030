// Measures a pipeline of many small stages beside DVC: the same dvc.yaml, the same commands, in turn, and compares what
// came out after each run.
//
//   node bench/pipelines.mjs --dvc <path of dvc> [--stages 100] [--repeat 3]
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const DSV = fileURLToPath(new URL('../packages/cli/bin/dsv.js', import.meta.url))
const { values } = parseArgs({
  options: {
    dvc: { type: 'string' },
    stages: { type: 'string', default: '100' },
    repeat: { type: 'string', default: '3' },
  },
})
if (values.dvc === undefined) throw new Error('usage: node bench/pipelines.mjs --dvc <path>')
const stages = Number(values.stages)

const tools = {
  dsv: {
    begin: [[process.execPath, DSV, 'init']],
    run: [process.execPath, DSV, 'run'],
  },
  dvc: {
    begin: [
      ['git', 'init', '-q'],
      [values.dvc, 'init', '-q'],
      [values.dvc, 'config', 'core.analytics', 'false'],
    ],
    run: [values.dvc, 'repro', '-q'],
  },
}

const seconds = { dsv: {}, dvc: {} }
for (let round = 0; round < Number(values.repeat); round += 1) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-pipelines-'))
  try {
    const order = round % 2 === 0 ? ['dsv', 'dvc'] : ['dvc', 'dsv']
    for (const name of order) begin(name, path.join(folder, name))
    step('first run', folder, order, () => {})
    step('nothing to do', folder, order, () => {})
    step('one input changed', folder, order, (work) => {
      fs.writeFileSync(path.join(work, 'in/0.txt'), `changed ${round}\n`)
    })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
for (const what of Object.keys(seconds.dsv)) {
  const [ours, theirs] = [median(seconds.dsv[what]), median(seconds.dvc[what])]
  const ratio = (theirs / ours).toFixed(1)
  console.log(`${what}: dsv ${ours.toFixed(2)} s, DVC ${theirs.toFixed(2)} s, ${ratio}×`)
}

function begin(name, work) {
  fs.mkdirSync(path.join(work, 'in'), { recursive: true })
  for (let at = 0; at < 10; at += 1) fs.writeFileSync(path.join(work, `in/${at}.txt`), `${at}\n`)
  const lines = Array.from({ length: stages }, (_, at) => {
    const before = at < 10 ? `in/${at}.txt` : `out/${at - 10}.txt`
    return `  s${at}: {cmd: mkdir -p out && tr a-z b-za < ${before} > out/${at}.txt, deps: [${before}], outs: [out/${at}.txt]}`
  })
  fs.writeFileSync(path.join(work, 'dvc.yaml'), `stages:\n${lines.join('\n')}\n`)
  for (const [program, ...parameters] of tools[name].begin)
    execFileSync(program, parameters, { cwd: work, stdio: 'ignore' })
}

function step(what, folder, order, change) {
  const made = order.map((name) => {
    const work = path.join(folder, name)
    change(work)
    const [program, ...parameters] = tools[name].run
    const start = performance.now()
    const { status, stderr } = spawnSync(program, parameters, { cwd: work })
    if (status !== 0) throw new Error(`${name} failed: ${stderr}`)
    const each = (seconds[name][what] ??= [])
    each.push((performance.now() - start) / 1000)
    return Array.from({ length: stages }, (_, at) =>
      fs.readFileSync(path.join(work, `out/${at}.txt`), 'utf8'),
    ).join('')
  })
  if (made[0] !== made[1]) throw new Error(`${what}: the tools made different files`)
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
