// Measures how long dsv plans a pipeline of many stages, and a run with nothing to do on many files beside `dsv status`.
// `--stages` and `--files` say how many; `--runs` how often each is measured, of which the fastest counts.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const DSV = fileURLToPath(new URL('../packages/cli/bin/dsv.js', import.meta.url))
const { values } = parseArgs({
  options: {
    stages: { type: 'string', default: '1000' },
    files: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '3' },
  },
})
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-plan-'))
try {
  const stages = Number(values.stages)
  if (stages > 0) {
    const work = repository('stages')
    fs.writeFileSync(path.join(work, 'in.txt'), 'in\n')
    fs.writeFileSync(path.join(work, 'params.yaml'), 'threshold: 1\n')
    fs.writeFileSync(path.join(work, 'dvc.yaml'), chain(stages))
    measure(`plan of ${stages} stages that never ran`, work, 'run', '--dry-run')
  }
  const files = Number(values.files)
  if (files > 0) {
    const work = repository('files')
    for (let at = 0; at < files; at += 1) {
      const inside = path.join(work, 'data', String(at % 100))
      if (at < 100) fs.mkdirSync(inside, { recursive: true })
      fs.writeFileSync(path.join(inside, `${at}.txt`), `file ${at}\n`)
    }
    const yaml = 'stages: {count: {cmd: ls data | wc -l > n.txt, deps: [data], outs: [n.txt]}}\n'
    fs.writeFileSync(path.join(work, 'dvc.yaml'), yaml)
    dsv(work, 'add', '.')
    dsv(work, 'run')
    dsv(work, 'commit', '-m', 'all')
    dsv(work, 'run')
    measure(`run with nothing to do, ${files} files`, work, 'run')
    measure(`status, nothing changed, ${files} files`, work, 'status')
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}

function repository(name) {
  const work = path.join(folder, name)
  fs.mkdirSync(work)
  dsv(work, 'init')
  return work
}

/** Ten chains side by side. */
function chain(count) {
  const stages = Array.from({ length: count }, (_, at) => {
    const before = at < 10 ? 'in.txt' : `out/${at - 10}.txt`
    return `  s${at}: {cmd: cp ${before} out/${at}.txt, deps: [${before}], params: [threshold], outs: [out/${at}.txt]}`
  })
  return `stages:\n${stages.join('\n')}\n`
}

function dsv(work, ...words) {
  execFileSync(process.execPath, [DSV, ...words], {
    cwd: work,
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 2 ** 28,
  })
}

function measure(name, work, ...words) {
  const times = Array.from({ length: Number(values.runs) }, () => {
    const from = performance.now()
    dsv(work, ...words)
    return performance.now() - from
  })
  process.stdout.write(`${name}: ${(Math.min(...times) / 1000).toFixed(2)} s\n`)
}
