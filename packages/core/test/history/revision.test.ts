import { describe, expect, it } from '@jest/globals'
import {
  parseRevision,
  parseRevisionRange,
  printRevision,
  printRevisionRange,
  resolveRevision,
  resolveRevisionRange,
  type Revision,
  type RevisionRange,
  type RevisionSources,
} from '@dsv/core'
import { isDsvError, type ObjectId, toObjectId } from '@dsv/store'
import fc from 'fast-check'
import { graph, id, nameOf } from './commit-graph.ts'

const of = graph('a:', 'b: a', 'c: a', 'm: b c', 'e: m', 'face:', 'facf:')
const refs = new Map([
  ['refs/heads/main', id('e')],
  ['refs/heads/topic', id('c')],
  ['refs/tags/v1', id('tag2')],
  ['refs/heads/v1', id('a')],
  ['refs/remotes/origin/main', id('m')],
])
const tags = new Map<ObjectId, ObjectId>([
  [id('tag1'), id('b')],
  [id('tag2'), id('tag1')],
])
const person = { name: 'a', email: 'a@example.org', timeSeconds: 0, tzMinutes: 0 }
const sources: RevisionSources = {
  commit: of.commit,
  ref: (name) => Promise.resolve(refs.get(name)),
  head: () => Promise.resolve(id('e')),
  reflog: (name, position) =>
    Promise.resolve(
      [id('e'), id('m'), name === 'refs/heads/topic' ? id('a') : undefined][position],
    ),
  findShort: (prefix) =>
    Promise.resolve([...of.parents.keys()].map(id).filter((one) => one.startsWith(prefix))),
  tag: (objectId) => {
    const target = tags.get(objectId)
    return Promise.resolve(target && { target, name: 'x', tagger: person, message: '' })
  },
  refNames: () => Promise.resolve([...refs.keys()]),
}

async function resolved(text: string): Promise<string> {
  return nameOf(await resolveRevision(text, sources))
}

describe('resolveRevision', () => {
  it.each([
    ['HEAD', 'e'],
    ['@', 'e'],
    ['main', 'e'],
    ['refs/heads/main', 'e'],
    ['heads/main', 'e'],
    ['origin/main', 'm'],
    ['topic', 'c'],
    ['HEAD~', 'm'],
    ['HEAD^^2', 'c'],
    ['main~2', 'b'],
    ['main~1^2~1', 'a'],
    ['main^0', 'e'],
    ['main~0', 'e'],
    ['v1', 'b'],
    ['v1^{commit}', 'b'],
    ['v1^{}~1', 'a'],
    ['@{1}', 'm'],
    ['@{1}^2', 'c'],
    ['topic@{2}', 'a'],
    ['@~1', 'm'],
    [id('face').slice(0, 8), 'face'],
    [id('face').slice(0, 8).toUpperCase(), 'face'],
    [id('facf'), 'facf'],
    [id('tag2'), 'b'],
  ])('finds %s', async (text, name) => {
    expect(await resolved(text)).toBe(name)
  })

  it.each([
    [
      'mian',
      'Unknown revision mian: no branch, tag or commit has this name.',
      'Did you mean main?',
    ],
    ['a~1', 'Unknown revision a: no branch, tag or commit has this name.', 'List'],
    ['main~9', 'Unknown revision main~9: commit 610000000000 has 0 parents.', 'List'],
    ['main^3', 'Unknown revision main^3: commit 650000000000 has 1 parent.', 'List'],
    ['topci@{1}', 'Unknown revision topci@{1}: there is no ref topci.', 'Did you mean topic?'],
    [
      'main@{5}',
      'Unknown revision main@{5}: the log of operations does not go back that far.',
      'L',
    ],
    ['abcd', 'Unknown revision abcd: no branch, tag or commit has this name.', 'List'],
  ])('says about %s: %s', async (text, message, hint) => {
    const error = await failure(text)
    expect([error.code, error.message]).toEqual(['DSV_REVISION_UNKNOWN', message])
    expect(error.hint?.startsWith(hint)).toBe(true)
  })

  it('lists the commits that a short id may mean', async () => {
    const error = await failure(id('face').slice(0, 6))
    expect(error.code).toBe('DSV_REVISION_AMBIGUOUS')
    expect(error.details['candidates']).toEqual([id('face'), id('facf')])
  })

  it('says that nothing was committed yet', async () => {
    const fresh = { ...sources, head: () => Promise.resolve(undefined) }
    await expect(resolveRevision('HEAD', fresh)).rejects.toThrow('HEAD has no commit yet')
  })

  it('does not follow tags for ever', async () => {
    const round = { ...sources, tag: () => sources.tag(id('tag2')) }
    await expect(resolveRevision('main', round)).rejects.toMatchObject({
      code: 'DSV_REVISION_UNKNOWN',
    })
  })
})

describe('resolveRevisionRange', () => {
  it.each([
    ['main', ['e'], []],
    ['^main', [], ['e']],
    ['topic..main', ['e'], ['c']],
    ['topic..', ['e'], ['c']],
    ['..topic', ['c'], ['e']],
    ['topic...v1', ['c', 'b'], ['a']],
  ])('reads %s', async (text, include, exclude) => {
    const range = await resolveRevisionRange(text, sources)
    expect(range.include.map(nameOf)).toEqual(include)
    expect(range.exclude.map(nameOf)).toEqual(exclude)
  })
})

describe('parseRevision', () => {
  it.each([
    ['', 'expected the name of a commit at character 1'],
    ['~2', 'expected the name of a commit at character 1'],
    ['a b', 'a name cannot hold " " at character 2'],
    ['main~x', 'expected "~" or "^" at character 6'],
    ['main^{tree}', 'expected "commit" in the braces at character 7'],
    ['main@{yesterday}', 'expected a number and "}" after "@{" at character 7'],
    ['main@{1', 'expected a number and "}" after "@{" at character 7'],
    ['main~9999999999', 'this number is too large at character 6'],
    ['a..b..c', 'a name cannot hold ".." at character 5'],
    ['..', 'expected a revision at character 3'],
    ['-x', 'a name cannot begin with "/" or "-", or end with "/" or "." at character 1'],
    ['x/', 'a name cannot begin with "/" or "-", or end with "/" or "." at character 2'],
  ])('says about %j: %s', (text, message) => {
    expect(() => parseRevisionRange(text)).toThrow(`Revision: ${message}.`)
  })

  const name = fc.constantFrom('main', 'HEAD', 'origin/x-1', 'v1.0', 'a{b}', '1a2b', 'é')
  const number = fc.nat({ max: 999_999_999 })
  const revision: fc.Arbitrary<Revision> = fc.letrec<{ revision: Revision }>((tie) => ({
    revision: fc.oneof(
      { depthSize: 'medium' },
      name.map((text): Revision => ({ type: 'name', name: text })),
      number.map((position): Revision => ({ type: 'reflog', position })),
      fc
        .tuple(name, number)
        .map(([ref, position]): Revision => ({ type: 'reflog', ref, position })),
      fc
        .tuple(tie('revision'), number)
        .map(([on, count]): Revision => ({ type: 'ancestor', of: on, count })),
      fc
        .tuple(tie('revision'), number)
        .map(([on, parent]): Revision => ({ type: 'parent', of: on, number: parent })),
      tie('revision').map((on): Revision => ({ type: 'peel', of: on })),
    ),
  })).revision
  const range: fc.Arbitrary<RevisionRange> = fc.oneof(
    fc
      .tuple(fc.constantFrom('one', 'without'), revision)
      .map(([type, one]): RevisionRange => ({ type, revision: one })),
    fc
      .tuple(fc.constantFrom('range', 'symmetric'), revision, revision)
      .map(([type, from, to]): RevisionRange => ({ type, from, to })),
  )

  it('parses what it prints to the same tree', () => {
    fc.assert(
      fc.property(revision, range, (one, both) => {
        expect(parseRevision(printRevision(one))).toEqual(one)
        expect(parseRevisionRange(printRevisionRange(both))).toEqual(both)
      }),
    )
  })

  it('parses any text or says what is wrong with it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', '~', '^', '@', '{', '}', '1', '.', '/', ' ') }),
    )
    fc.assert(
      fc.property(text, (written) => {
        expect(outcomeOf(written)).toMatch(/^(?:parsed|DSV_REVISION_SYNTAX)$/u)
      }),
      { numRuns: 2000 },
    )
  })
})

function outcomeOf(text: string): string {
  try {
    parseRevisionRange(text)
    return 'parsed'
  } catch (error) {
    return isDsvError(error) ? error.code : String(error)
  }
}

async function failure(text: string) {
  const error: unknown = await resolveRevision(text, sources).catch((cause: unknown) => cause)
  if (!isDsvError(error)) throw new Error(`${text} was resolved to ${toObjectId(String(error))}`)
  return error
}
