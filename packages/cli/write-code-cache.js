// node write-code-cache.js <bundle>: runs the commands of a day in a folder of its own and keeps what
// V8 compiled for them, so that no command has to compile it again.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { openBundle } from './bin/open-bundle.js'

const FILES = 200
const COMMANDS = [
  ['init'],
  ['add', 'data', '--plain'],
  ['commit', '-m', 'first'],
  () => writeFiles('changed'),
  ['status', '--json'],
  ['add', 'data'],
  ['commit', '-m', 'second'],
  ['status'],
  ['diff', 'main~1', 'main'],
  ['log'],
  ['branch'],
  ['switch', '--detach', 'main~1'],
  ['switch', 'main'],
]

const bundle = path.resolve(process.argv[2])
const work = mkdtempSync(path.join(os.tmpdir(), 'dsv-code-cache-'))
process.chdir(work)
// What the person who builds has set is not part of the code.
process.env = { PATH: process.env.PATH, HOME: work, DSV_NOW: '1700000000' }
const { load, codeCache } = openBundle(bundle)
const { runCommandLine } = load('./main.js')
writeFiles('first')
for (const command of COMMANDS) {
  if (typeof command === 'function') {
    command()
    continue
  }
  const exitCode = await runCommandLine(command, new AbortController().signal)
  if (exitCode > 1) throw new Error(`dsv ${command.join(' ')} ended with ${exitCode}`)
}
writeFileSync(path.join(bundle, 'code-cache'), codeCache())
process.chdir(os.tmpdir())
rmSync(work, { recursive: true })

function writeFiles(text) {
  mkdirSync(path.join(work, 'data'), { recursive: true })
  for (let n = 0; n < FILES; n++) writeFileSync(path.join(work, `data/${n}`), `${text} ${n}`)
}
