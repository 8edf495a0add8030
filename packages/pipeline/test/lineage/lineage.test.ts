import { expect, test } from '@jest/globals'
import type { StageRecord } from '@dsv/pipeline'
import { lineage } from '../../src/lineage/lineage.ts'

function made(dependencies: readonly string[], outputs: readonly string[]): StageRecord {
  const ids = (paths: readonly string[]): Record<string, string> =>
    Object.fromEntries(paths.map((path) => [path, `blob:${path}`]))
  return {
    action: { command: ['x'], folder: '' },
    parameters: {},
    dependencies: ids(dependencies),
    outputs: ids(outputs),
  }
}

const originOf = (path: string) =>
  path === 'imported' ? { url: 'there', from: 'data', commit: 'c' } : undefined

test('goes from an output to its sources, and writes each stage out once', () => {
  const lock = new Map([
    ['a', made(['imported', 'raw'], ['out'])],
    ['b', made(['out/x'], ['b.txt'])],
    ['c', made(['out', 'b.txt'], ['c.txt'])],
  ])
  const [node] = lineage('c.txt', { lock, originOf })
  const [out, b] = node?.inputs ?? []
  expect(out).toMatchObject({ path: 'out', stage: 'a' })
  expect(out?.inputs).toMatchObject([
    { path: 'imported', origin: { url: 'there' }, inputs: [] },
    { path: 'raw', id: 'blob:raw', inputs: [] },
  ])
  expect(b).toMatchObject({ stage: 'b', inputs: [{ path: 'out/x', stage: 'a', isRepeated: true }] })
})

test('a folder around outputs stands for them, and a path in an output for it', () => {
  const lock = new Map([
    ['a', made([], ['data/a'])],
    ['b', made([], ['data/b'])],
  ])
  expect(lineage('data', { lock, originOf }).map(({ path }) => path)).toEqual(['data/a', 'data/b'])
  expect(lineage('data/a/deep', { lock, originOf })).toMatchObject([{ path: 'data/a', stage: 'a' }])
  expect(lineage('other', { lock, originOf })).toEqual([
    { path: 'other', id: undefined, inputs: [] },
  ])
})

test('a lock that leads in a circle ends', () => {
  const lock = new Map([
    ['a', made(['b'], ['a'])],
    ['b', made(['a'], ['b'])],
  ])
  expect(lineage('a', { lock, originOf })).toHaveLength(1)
})
