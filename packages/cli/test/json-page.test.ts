import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { commandWords } from '../src/command-words.ts'

const page = readFileSync(path.join(import.meta.dirname, '../../../docs/json.md'), 'utf8')

describe('docs/json.md', () => {
  it('describes the output of exactly the commands that have --json', async () => {
    const commands = (await commandWords()).filter(({ options }) => options.includes('--json'))
    const described = [...page.matchAll(/^## (\S+)$/gmu)].map(([, name = '']) => name)
    expect(new Set(described)).toEqual(new Set(commands.map(({ name }) => name)))
  })
})
