import { EMPTY_TREE, memoryObjectStore } from '@dsv/store'
import { expect, it } from '@jest/globals'
import { type Import, readImports } from '@dsv/remote'
import { withImports } from '../../src/registry/imports-file.ts'

it('gives up lineages before the file grows so large that nobody can read it', async () => {
  const store = memoryObjectStore()
  const empty = { files: EMPTY_TREE, datasets: new Map() }
  const importOf = (count: number): readonly Import[] =>
    Array.from({ length: count }, (_, index) => ({
      path: `data/${String(index).padStart(3, '0')}`,
      url: 'there',
      options: {},
      from: 'data',
      commit: 'c',
      lineage: { stages: { one: 'x'.repeat(2 ** 18) }, imports: {} },
    }))
  const few = await withImports(store, empty, importOf(3))
  expect(await readImports(store, few)).toEqual(importOf(3))
  const many = await withImports(store, few, importOf(70))
  const bare = importOf(70).map(({ lineage: _lineage, ...rest }) => rest)
  expect(await readImports(store, many)).toEqual(bare)
})
