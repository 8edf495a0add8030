import { describe, expect, it } from '@jest/globals'
import { STEPS } from '@dsv/steps'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const PAGE = path.join(import.meta.dirname, '../../../docs/steps.md')

describe('docs/steps.md', () => {
  it('lists all steps, in their order, with their summaries', () => {
    const rows = readFileSync(PAGE, 'utf8').matchAll(/^- `([a-z0-9-]+)`: (.+)$/gmu)
    expect([...rows].map(([, name, summary]) => [name, summary])).toEqual(
      STEPS.map(({ name, summary }) => [name, summary]),
    )
  })
})
