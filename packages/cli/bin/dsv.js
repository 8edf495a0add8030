#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

// The version is answered before anything else is loaded: scripts ask for it often.
const [first, second] = process.argv.slice(2)
if ((first === '--version' || first === '-V') && second === undefined) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${manifest.version}\n`)
} else {
  // V8 lets a heap double before it collects: with 100,000 files that is 100 MB of garbage.
  setFlagsFromString('--heap-growing-percent=30')
  const { runProcess } = await import('../bundle/main.js')
  await runProcess()
}
