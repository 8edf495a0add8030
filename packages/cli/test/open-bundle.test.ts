import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const LOADER = fileURLToPath(new URL('../bin/open-bundle.js', import.meta.url))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'dsv-bundle-'))
  writeFileSync(path.join(folder, 'main.js'), `exports.answer = () => require('./part.js').six * 7`)
  writeFileSync(path.join(folder, 'part.js'), `exports.six = 6`)
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('openBundle', () => {
  it('loads without compiled code', () => {
    expect(answer()).toBe('42')
  })

  it('loads with the compiled code that it made', () => {
    writeFileSync(cacheFile(), made())
    expect(answer()).toBe('42')
  })

  it('takes code of another engine, damaged or cut code for none', () => {
    const whole = made()
    const other = Buffer.from(whole.toString('latin1').replace(process.versions.v8, 'x'), 'latin1')
    const cuts = [0, 2, 4, 40, whole.length >> 1, whole.length - 1].map((n) => whole.subarray(0, n))
    const flipped = Buffer.from(whole)
    flipped.writeUInt8(flipped.readUInt8(whole.length - 99) ^ 0xff, whole.length - 99)
    for (const bytes of [other, flipped, Buffer.alloc(64, 0xff), ...cuts]) {
      writeFileSync(cacheFile(), bytes)
      expect(answer()).toBe('42')
    }
  })
})

function cacheFile(): string {
  return path.join(folder, 'code-cache')
}

function answer(): string {
  return run('process.stdout.write(String(bundle.load("./main.js").answer()))').toString()
}

function made(): Buffer {
  rmSync(cacheFile(), { force: true })
  run('bundle.load("./main.js").answer(); fs.writeFileSync(process.argv[3], bundle.codeCache())')
  return readFileSync(cacheFile())
}

function run(script: string): Buffer {
  const text = `const fs = require('node:fs')
    const bundle = require(process.argv[1]).openBundle(process.argv[2])
    ${script}`
  return execFileSync(process.execPath, ['-e', text, LOADER, folder, cacheFile()])
}
