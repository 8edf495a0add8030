import { describe, expect, it } from '@jest/globals'
import { readPipelines } from '@dsv/pipeline'
import { isDsvError } from '@dsv/store'
import fc from 'fast-check'
import { memoryReader } from './memory-reader.ts'
import { commandsOf, failureOf } from './stages-of.ts'

const utf8 = new TextEncoder()

describe('readPipelines', () => {
  it.each<[string, Uint8Array]>([
    ['UTF-16', Buffer.from('stages: {s: {cmd: x}}', 'utf16le')],
    ['bytes that are no UTF-8', Uint8Array.of(0x61, 0xff, 0xfe)],
    ['aliases of aliases', utf8.encode(bomb())],
    ['an alias in itself', utf8.encode('stages: &a {s: *a}')],
    ['deep lists', utf8.encode('['.repeat(100_000))],
    ['deep mappings', utf8.encode('{a: '.repeat(5000))],
    ['two documents', utf8.encode('stages: {}\n---\nstages: {}\n')],
    ['a list as a key', utf8.encode('? [a]\n: b\n')],
    ['17 MB', new Uint8Array(17 * 2 ** 20).fill(0x20)],
  ])('refuses %s', async (_, bytes) => {
    const { code } = await failureOf({ 'dvc.yaml': bytes })
    expect(code).toMatch(/^DSV_PIPELINE_(FILE_UNREADABLE|INVALID)$/)
  })

  it.each([
    ['windows lines', 'stages:\r\n  s:\r\n    cmd: |\r\n      a\r\n      b\r\n'],
    ['a byte order mark', '\uFEFFstages: {s: {cmd: "a\\nb"}}'],
    ['a merge key', 'x-y: &x {cmd: "a\\nb"}\nstages: {s: {<<: *x}}'.replace('x-y', 'datasets')],
  ])('takes %s', async (_, text) => {
    expect(await commandsOf({ 'dvc.yaml': text })).toEqual({ s: ['a', 'b'] })
  })

  it('keeps names like __proto__ apart from what objects inherit', async () => {
    const text = `
stages:
  __proto__: {cmd: x, outs: [a]}
  constructor: {cmd: x, outs: [__proto__]}
`
    const { stages } = await readPipelines(memoryReader({ 'dvc.yaml': text }))
    expect(stages.map(({ name }) => name)).toEqual(['__proto__', 'constructor'])
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it.each([
    ['a matrix', `stages: {s: {matrix: {${letters(8, `[${'1,'.repeat(20)}]`)}}, cmd: x}}`],
    [
      'a long value often',
      `vars: [{a: ${'x'.repeat(10_000)}}]\nstages: {s: {cmd: "${'${a}'.repeat(10_000)}"}}`,
    ],
    [
      'a value over and over',
      `vars: [{a: ${'x'.repeat(1000)}}]\nstages: {s: {foreach: [${numbers(5000)}], do: {cmd: "${'${a}'.repeat(1000)}"}}}`,
    ],
  ])('does not let %s fill the memory', async (_, text) => {
    expect((await failureOf({ 'dvc.yaml': text })).message).toContain('becomes too much')
  })

  it('takes no longer than its length for braces that do not close', async () => {
    const text = `stages: {s: {cmd: '${'${'.repeat(200_000)}'}}`
    expect(Object.keys(await commandsOf({ 'dvc.yaml': text }))).toEqual(['s'])
    const lines = `stages: {s: {cmd: ${JSON.stringify('${\n'.repeat(100_000))}}}`
    expect(Object.keys(await commandsOf({ 'dvc.yaml': lines }))).toEqual(['s'])
  })

  it('throws our errors or returns, whatever the files hold', async () => {
    await fc.assert(
      fc.asyncProperty(anyPipeline(), anyPipeline(), fc.string(), async (dvc, dsv, params) => {
        const files = { 'dvc.yaml': dvc, 'dsv.yaml': dsv, 'params.yaml': params }
        const end = await readPipelines(memoryReader(files)).then(
          () => 'read',
          (error: unknown) =>
            isDsvError(error) ? `${error.code} ${error.message}` : String(error),
        )
        expect(end).toMatch(/^(?:read|DSV_PIPELINE_(?:FILE_UNREADABLE|INVALID) \P{Cc}*)$/u)
      }),
      { numRuns: 500 },
    )
  })

  it('reads the same from the same files', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(stageName(), { maxLength: 5 }),
        fc.json(),
        async (names, params) => {
          const stages = names.map(
            (each) => `  ${each}: {foreach: [1, 2], do: {cmd: "x \${item}"}}`,
          )
          const files = { 'params.json': params, 'dvc.yaml': `stages:\n${stages.join('\n')}` }
          const once = await readPipelines(memoryReader(files))
          expect(await readPipelines(memoryReader(files))).toEqual(once)
          expect(once.stages).toHaveLength(2 * names.length)
        },
      ),
    )
  })

  it('leaves texts without templates as they are', async () => {
    const word = fc
      .stringMatching(/^[a-z $&|;'"\\{}<>*?#@=+-]{1,30}$/)
      .filter((text) => text.trim() !== '')
    await fc.assert(
      fc.asyncProperty(word, async (text) => {
        fc.pre(!text.includes('${'))
        const files = { 'dvc.yaml': `stages: {s: {cmd: ${JSON.stringify(text)}}}` }
        expect(await commandsOf(files)).toEqual({ s: [text] })
      }),
    )
  })
})

/** Twenty times ten times ten … values. */
function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let index = 1; index < 20; index++)
    lines.push(`a${index}: &a${index} [${`*a${index - 1}, `.repeat(9)}*a${index - 1}]`)
  return lines.join('\n')
}

function letters(count: number, value: string): string {
  return Array.from({ length: count }, (_, index) => `a${index}: ${value}`).join(', ')
}

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => index).join(', ')
}

function stageName(): fc.Arbitrary<string> {
  return fc
    .stringMatching(/^[a-z]{1,4}$/)
    .filter((text) => !['true', 'null', 'false'].includes(text))
}

/** Files that are nearly right, so that all of the reader is reached. */
function anyPipeline(): fc.Arbitrary<string> {
  const text = fc.oneof(
    fc.constantFrom(
      '${a}',
      '${item}',
      '${a.b[0]}',
      'x',
      '',
      '../y',
      '/z',
      'data',
      '${',
      '\\${a}',
      '__proto__',
    ),
    fc.string({ maxLength: 5 }),
  )
  const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.constantFrom(null, true, false, 0, 1.5, -7),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key(), tie('value'), { maxKeys: 4 }),
    ),
  })).value
  const stage = fc.dictionary(key(), value, { maxKeys: 5 })
  const file = fc.record(
    {
      stages: fc.oneof(
        fc.dictionary(fc.constantFrom('s', 't', 's@0'), stage, { maxKeys: 3 }),
        value,
      ),
      vars: fc.oneof(
        fc.array(fc.dictionary(fc.constantFrom('a', 'b'), value), { maxLength: 2 }),
        value,
      ),
      params: value,
      metrics: value,
      plots: value,
      artifacts: value,
    },
    { requiredKeys: [] },
  )
  return fc.oneof(
    { weight: 6, arbitrary: file.map((each) => JSON.stringify(each)) },
    { weight: 1, arbitrary: fc.string() },
  )
}

function key(): fc.Arbitrary<string> {
  return fc.constantFrom(...KEYS)
}

const KEYS =
  'cmd deps outs params metrics plots wdir vars foreach do matrix step steps from into with stored frozen desc x y a ${a} __proto__'.split(
    ' ',
  )
