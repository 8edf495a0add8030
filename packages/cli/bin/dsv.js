#!/usr/bin/env node
import { readFileSync } from 'node:fs'

// The version is answered before anything else is loaded: scripts ask for it often.
const [first, second] = process.argv.slice(2)
if ((first === '--version' || first === '-V') && second === undefined) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  process.stdout.write(`${manifest.version}\n`)
} else {
  const { runProcess } = await import('../bundle/main.js')
  await runProcess()
}
