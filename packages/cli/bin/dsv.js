#!/usr/bin/env node
'use strict'
const { readFileSync } = require('node:fs')
const path = require('node:path')

// The version is answered before anything else is loaded: scripts ask for it often.
const [first, second] = process.argv.slice(2)
if ((first === '--version' || first === '-V') && second === undefined) {
  const manifest = JSON.parse(readFileSync(path.join(__dirname, '../package.json'), 'utf8'))
  process.stdout.write(`${manifest.version}\n`)
} else {
  const { openBundle } = require('./open-bundle.js')
  openBundle(path.join(__dirname, '../bundle')).load('./main.js').runProcess()
}
