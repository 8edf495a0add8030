import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { formatMatrix } from './format-matrix.ts'
import { formatPage } from './format-page.ts'

const PAGE = path.join(import.meta.dirname, '../../../docs/formats/README.md')

const matrix = formatMatrix()

describe('what becomes of annotations', () => {
  it('is kept, or reported, in every variant of every format', async () => {
    const silent = (await matrix).flatMap(({ format, cells }) =>
      cells.flatMap(({ type, kind, silent: variants }) =>
        variants.map((variant) => `${format.name} (${variant}): ${type} is ${kind} without a word`),
      ),
    )
    expect(silent).toEqual([])
  }, 30_000)

  it('stands in docs/formats/README.md (else run `npm run docs:formats`)', async () => {
    const isCurrent = readFileSync(PAGE, 'utf8') === formatPage(await matrix)
    expect({ isCurrent, otherwise: 'npm run docs:formats' }).toMatchObject({ isCurrent: true })
  }, 30_000)
})
