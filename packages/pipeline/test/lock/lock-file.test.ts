import { expect, test } from '@jest/globals'
import { isDsvError, type Json } from '@dsv/core'
import { readLock, type StageRecord, writeLock } from '@dsv/pipeline'
import fc from 'fast-check'

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'a: b', '- x', '1e3', 'null', '', '#'),
)
const texts = fc.dictionary(text, text, { noNullPrototype: true })
const json = fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value)))
const record: fc.Arbitrary<StageRecord> = fc.record(
  {
    action: fc.oneof(
      fc.record({ command: fc.array(text), folder: text }),
      fc.record({
        steps: fc.array(
          fc.record({ name: text, options: fc.dictionary(text, json, { noNullPrototype: true }) }),
        ),
        from: fc.array(text),
      }),
    ),
    parameters: fc.dictionary(text, fc.dictionary(text, json, { noNullPrototype: true }), {
      noNullPrototype: true,
    }),
    dependencies: texts,
    outputs: texts,
    tool: text,
  },
  { requiredKeys: ['action', 'parameters', 'dependencies', 'outputs'] },
)

test('what is written is read again, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, record), { maxLength: 5 }), (entries) => {
      const lock = new Map(entries)
      const written = writeLock(lock)
      // JSON has no -0.
      const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
      expect(plain([...readLock(written)].toSorted(byName))).toEqual(
        plain([...lock].toSorted(byName)),
      )
      expect(writeLock(new Map([...lock].toReversed()))).toBe(written)
    }),
  )
})

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

test.each([
  ['a: [', 'is no valid YAML'],
  ['version: 2\nstages: {}', 'is of a version that this dsv does not know'],
  ['version: 1\nstages: []', 'stages is no mapping'],
  ['version: 1\nstages: {a: {}}', 'a has no command'],
  [
    'version: 1\nstages: {a: {command: [x], outputs: {o: 1}}}',
    'outputs of a is no mapping of texts',
  ],
  ['version: 1\nstages: {a: {command: [x], dependencies: &d {}, outputs: *d}}', 'is no valid YAML'],
])('%s is refused', (content, problem) => {
  expect(() => readLock(content)).toThrow(problem)
})

test('bytes of any kind give a lock or an error of ours', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (content) => {
      expect(codeOf(`version: 1\nstages: ${content}`)).toMatch(/^(?:DSV_LOCK_INVALID|none)$/)
    }),
  )
})

function codeOf(content: string): string {
  try {
    readLock(content)
    return 'none'
  } catch (error) {
    return isDsvError(error) ? error.code : String(error)
  }
}
