import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { checkRefName, isDsvError, type RootRecord, toObjectId } from '@dsv/store'
import { decodeRoot, encodeReadableRoot, encodeRoot } from '../../src/root/encode-root.ts'
import { encodeOperation, decodeOperation, type OperationRecord } from '../../src/root/operation.ts'
import { IdSet } from '../../src/care/id-set.ts'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => {
  return toObjectId(Buffer.from(bytes).toString('hex'))
})
const refName = fc.constantFrom(
  'refs/heads/main',
  'refs/heads/ümlaut/x',
  'refs/tags/v1',
  'refs/stash',
)
const head: fc.Arbitrary<RootRecord['head']> = fc.oneof(
  fc.constant(undefined),
  refName.map((name) => ({ type: 'branch', name }) as const),
  id.map((commit) => ({ type: 'detached', commit }) as const),
)
const optionalId = fc.option(id, { nil: undefined })
const root: fc.Arbitrary<RootRecord> = fc.record({
  repositoryId: fc.string(),
  generation: fc.nat(),
  refs: fc
    .uniqueArray(fc.tuple(refName, id), { selector: ([name]) => name })
    .map((pairs) => new Map(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)))),
  head,
  local: fc.option(
    fc.record({
      links: fc.array(id),
      payload: fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    }),
    { nil: undefined },
  ),
  operationHead: optionalId,
  fragments: fc.uniqueArray(id).map((ids) => ids.toSorted()),
  condemned: fc.array(
    fc.record({
      path: id.map((name) => `objects/pack/${name}.pack`),
      sinceMs: fc.maxSafeNat(),
      isDoomed: fc.boolean(),
    }),
  ),
  gcEpoch: fc.nat(),
  txid: fc.string(),
  settings: fc.record({ graceMs: fc.nat() }, { requiredKeys: [] }),
})

describe('decodeRoot', () => {
  it('is not written when it could not be read', () => {
    fc.assert(
      fc.property(root, (record) => {
        expect(() => encodeReadableRoot({ ...record, gcEpoch: 0.5 })).toThrow('is not written')
      }),
      { numRuns: 5 },
    )
  })

  it('reads what encodeRoot wrote', () => {
    fc.assert(
      fc.property(root, (record) => {
        const read = decodeRoot(encodeRoot(record), 'here')
        expect({ ...read, settings: { ...read.settings } }).toEqual({
          ...record,
          settings: { ...record.settings },
        })
      }),
    )
  })

  it('refuses any other bytes with our error', () => {
    fc.assert(
      fc.property(root, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, place, change) => {
        const bytes = Buffer.from(encodeRoot(record))
        const at = place % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ change
        expect(() => decodeRoot(bytes, 'here')).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^DSV_(ROOT_CORRUPT|REPOSITORY_NEWER)$/),
          }),
        )
        expect(() => decodeRoot(bytes.subarray(0, at), 'here')).toThrow(
          expect.objectContaining({ name: 'DsvError' }),
        )
      }),
    )
  })

  it('says clearly that a repository is of a newer release', () => {
    const [record] = fc.sample(root, 1)
    const bytes = Buffer.from(encodeRoot(record!))
    bytes[8] = 2
    expect(() => decodeRoot(bytes, 'here')).toThrow(
      expect.objectContaining({ code: 'DSV_REPOSITORY_NEWER' }),
    )
  })
})

describe('decodeOperation', () => {
  it('reads what encodeOperation wrote', () => {
    const record: fc.Arbitrary<OperationRecord> = fc.record({
      command: fc.string(),
      description: fc.string(),
      user: fc.string(),
      host: fc.string(),
      timeMs: fc.maxSafeNat(),
      type: fc.constantFrom('change', 'undo', 'redo', 'restore'),
      previous: optionalId,
      undoes: fc.array(id),
      refs: fc.array(fc.record({ name: refName, from: optionalId, to: optionalId })),
      head: fc.option(fc.record({ from: head, to: head }), { nil: undefined }),
      local: fc.option(fc.record({ from: optionalId, to: optionalId }), { nil: undefined }),
    })
    fc.assert(
      fc.property(id, record, (operationId, operation) => {
        const read = decodeOperation(operationId, encodeOperation(operation))
        expect(read).toEqual({ ...operation, id: operationId })
      }),
    )
  })

  it('returns or throws our error for any payload', () => {
    fc.assert(
      fc.property(id, fc.uint8Array(), fc.array(id), (operationId, payload, links) => {
        expect(outcomeOf(() => decodeOperation(operationId, { links, payload }))).toBe('ours')
      }),
    )
  })
})

/** Whether it returned, or threw the error that it may throw. */
function outcomeOf(run: () => unknown): unknown {
  try {
    run()
    return 'ours'
  } catch (error) {
    return isDsvError(error, 'DSV_OPERATION_CORRUPT') ? 'ours' : error
  }
}

describe('checkRefName', () => {
  it.each([
    'refs/heads/main',
    'refs/heads/feature/a-b_c.d',
    'refs/tags/v1.0',
    'refs/remotes/origin/main',
    'refs/stash',
    'refs/heads/ümlaut',
    'refs/heads/a@b',
  ])('accepts %s', (name) => {
    expect(() => checkRefName(name)).not.toThrow()
  })

  it.each([
    '',
    'main',
    'refs/heads',
    'refs/heads/',
    'refs/heads//a',
    'refs/heads/.a',
    'refs/heads/a/.b',
    'refs/heads/a..b',
    'refs/heads/a.lock',
    'refs/heads/a.lock/b',
    'refs/heads/a.',
    'refs/heads/a b',
    'refs/heads/a~1',
    'refs/heads/a^',
    'refs/heads/a:b',
    'refs/heads/a?',
    'refs/heads/a*',
    'refs/heads/a[',
    'refs/heads/a\\b',
    'refs/heads/a@{1}',
    'refs/heads/@',
    'refs/heads/HEAD',
    'refs/heads/-a',
    'refs/heads/a\u0000',
    'refs/heads/a\u007f',
    'refs/heads/\ud800',
    `refs/heads/${'a'.repeat(2000)}`,
    '../refs/heads/a',
  ])('refuses %j', (name) => {
    expect(() => checkRefName(name)).toThrow(
      expect.objectContaining({ code: 'DSV_REF_NAME_INVALID' }),
    )
  })
})

describe('IdSet', () => {
  it('is a set', () => {
    // Few ids, so that they collide; the last bytes zero, so that free slots could be mistaken.
    const few = fc.nat({ max: 300 }).map((at) => {
      return toObjectId(at.toString(16).padStart(4, '0').padEnd(64, '0'))
    })
    fc.assert(
      fc.property(fc.array(few, { maxLength: 600 }), (ids) => {
        const set = new IdSet()
        const expected = new Set<string>()
        for (const each of ids) {
          expect(set.has(each)).toBe(expected.has(each))
          expect(set.add(each)).toBe(!expected.has(each))
          expected.add(each)
        }
        expect(set.size).toBe(expected.size)
        expect([...set].toSorted()).toEqual([...expected].toSorted())
      }),
    )
  })
})
