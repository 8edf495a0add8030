import { describe, expect, it } from '@jest/globals'
import { checkFact } from './check-fact.ts'
import { allFacts, type Fact } from './facts.ts'

const facts = allFacts()

describe('what Datumaro reads from its samples', () => {
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => {
      expect(facts).toEqual([])
    })
    return
  }
  const cases = facts.map((fact): [string, Fact] => [
    `${fact.format} from ${fact.asset} ${JSON.stringify(fact.options ?? {})}`,
    fact,
  ])
  it.each(cases)('is what we read, or our difference is argued: %s', async (_, fact) => {
    const { verdict, differences, error } = await checkFact(fact)
    expect({ verdict, differences, error }).toMatchObject({
      verdict: expect.stringMatching(/^(?:equal|differs|skipped|no adapter)$/u),
    })
  })
})
