// Makes one shape: node bench/generate.mjs <shape> [--scale 0.02] [--work <folder>]
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { SHAPES } from './shapes/index.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' }, work: { type: 'string' } },
})
const [name] = positionals
if (SHAPES[name] === undefined) {
  console.error(
    `usage: node bench/generate.mjs <${Object.keys(SHAPES).join('|')}> [--scale n] [--work folder]`,
  )
  process.exit(2)
}
const folder = path.join(values.work ?? mkdtempSync(path.join(os.tmpdir(), 'dsv-bench-')), name)
SHAPES[name].generate(folder, Number(values.scale))
console.log(folder)
