import { rmSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { printable } from '../src/views/printable.ts'
import { openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox.close())

/** Clears the screen, sets the title, hides text, goes to the start of the line, turns text around. */
const EVIL = '\u001B[2J\u001B]0;x\u0007\u001B[8m\r\u009B1A\u202Etxt.exe\u007F'
const STEERING = /(?![\n\t])[\p{Cc}\u202A-\u202E\u2066-\u2069]/u

describe('printable', () => {
  it('keeps lines, tabs and our own colours, and shows what steers', () => {
    expect(printable('a\tb\nc é 猫 \u200F', false)).toBe('a\tb\nc é 猫 \u200F')
    expect(printable('\u001B[31mred\u001B[39m', true)).toBe('\u001B[31mred\u001B[39m')
    expect(printable('\u001B[31mred', false)).toBe(String.raw`\u001b[31mred`)
    expect(printable(EVIL, true)).not.toMatch(STEERING)
    expect(printable('\u001B[8mhidden', true)).toBe(String.raw`\u001b[8mhidden`)
  })

  it('leaves JSON what it says', () => {
    const value = { [EVIL]: EVIL }
    const text = printable(JSON.stringify(value), false)
    expect(text).not.toMatch(STEERING)
    expect(JSON.parse(text)).toEqual(value)
  })
})

describe('what strangers wrote', () => {
  it('does not reach the terminal', async () => {
    await sandbox.dsv('init')
    sandbox.write('a\u001B[2J\u009B1A.txt', 'x')
    const added = await sandbox.dsv('add', '.')
    const committed = await sandbox.dsv('commit', '-m', EVIL)
    await sandbox.dsv('tag', 'v1', '-m', EVIL)
    rmSync(path.join(sandbox.folder, 'a\u001B[2J\u009B1A.txt'))
    const runs = [
      added,
      committed,
      ...(await Promise.all([
        sandbox.dsv('log'),
        sandbox.dsv('log', '--oneline'),
        sandbox.dsv('log', '--json'),
        sandbox.dsv('show', 'v1'),
        sandbox.dsv('status'),
        sandbox.dsv('diff'),
        sandbox.dsv('ls'),
        sandbox.dsv('op', 'log'),
        sandbox.dsv('switch', EVIL),
        sandbox.dsv('cat', EVIL),
        sandbox.dsv('clone', EVIL, 'there'),
        sandbox.dsv('remote', 'add', EVIL, EVIL),
      ])),
    ]
    for (const { out, note } of runs) expect(out + note).not.toMatch(STEERING)
    const log = await sandbox.json('log')
    expect(JSON.stringify(log)).toContain('txt.exe')
  })
})
