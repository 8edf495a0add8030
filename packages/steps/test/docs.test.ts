import { describe, expect, it } from '@jest/globals'
import { stepNamed, STEPS } from '@dsv/steps'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const PAGE = readFileSync(path.join(import.meta.dirname, '../../../docs/steps.md'), 'utf8')

/** Options of `dsv transform` itself. */
const PLACES = ['rev', 'into', 'output', 'format', 'json', 'report', 'help']

describe('docs/steps.md', () => {
  it('lists all steps, in their order, with their summaries', () => {
    const rows = PAGE.matchAll(/^- `([a-z0-9-]+)`: (.+)$/gmu)
    expect([...rows].map(([, name, summary]) => [name, summary])).toEqual(
      STEPS.map(({ name, summary }) => [name, summary]),
    )
  })

  it('has examples with options that there are', () => {
    const examples = [...PAGE.matchAll(/^dsv (?:transform ([a-z-]+)|(edit) ')(.*)$/gmu)]
    expect(examples.length).toBeGreaterThan(15)
    for (const [line, name, , rest = ''] of examples) {
      const step = stepNamed(name ?? 'set')
      const [command = ''] = rest.split(' # ')
      const used = [...command.matchAll(/ --([a-z-]+)/gu)].map(([, option = '']) => option)
      const known = [...Object.keys(step.options), ...PLACES]
      expect([line, used.filter((option) => !known.includes(option))]).toEqual([line, []])
    }
  })
})
