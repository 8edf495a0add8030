import { diskFolder } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { vocAdapter } from '../../src/voc/index.ts'
import { readAll } from '../adapter-contract.ts'

/** One case of the reference tool: what it read from a sample folder. */
interface Case {
  readonly asset: string
  readonly format: string
  readonly items: readonly {
    readonly id: string
    readonly subset: string
    readonly media: { readonly path: string; readonly size_hw: readonly number[] }
    readonly annotations: readonly {
      readonly type: string
      readonly label_name?: string
      readonly xywh?: readonly number[]
      readonly attributes?: Readonly<Record<string, unknown>>
      readonly mask?: { readonly h: number; readonly w: number; readonly area: number }
    }[]
  }[]
}

const shared = path.resolve('..', 'shared')
const facts = path.join(shared, 'facts', 'imports.dev.json')
const cases: readonly Case[] = existsSync(facts)
  ? JSON.parse(readFileSync(facts, 'utf8')).filter(
      ({ format }: Case) => format === 'voc' || format === 'roboflow_voc',
    )
  : []

/** A table of tests must not be empty, even when it is skipped. */
const CASES_OR_NONE = cases.length > 0 ? cases : [{ asset: 'none', format: 'voc', items: [] }]
const describeOrSkip = cases.length > 0 ? describe : describe.skip

describeOrSkip('vocAdapter.read of sample folders (skipped without ../shared)', () => {
  it.each(CASES_OR_NONE.map((each) => [each.asset, each] as const))(
    'reads %s like the reference',
    async (asset, expected) => {
      const folder = diskFolder(path.join(shared, 'data', 'datumaro-assets', asset))
      const { items, losses } = await readAll(vocAdapter, folder)
      const read = items.map(({ id, subset, media, layers }) => ({
        id,
        subset,
        path: media[0]?.path,
        size: [media[0]?.height, media[0]?.width],
        annotations: (layers['ground_truth'] ?? [])
          .map((each) =>
            [
              each.type === 'box' ? 'bbox' : each.type,
              each.category,
              ...(each.type === 'box' ? [each.x, each.y, each.width, each.height] : []),
              ...(each.type === 'mask' ? [each.width, each.height] : []),
              JSON.stringify(
                Object.entries(each.attributes ?? {})
                  .filter(([, value]) => value === true)
                  .map(([name]) => name)
                  .toSorted(),
              ),
            ].join(' '),
          )
          .toSorted(),
      }))
      const known = expected.items.map(({ id, subset, media, annotations }) => ({
        id,
        subset,
        path: media.path,
        size: media.size_hw,
        annotations: annotations
          .map((each) =>
            [
              each.type,
              each.label_name,
              ...(each.xywh ?? []),
              ...(each.mask === undefined ? [] : [each.mask.w, each.mask.h]),
              JSON.stringify(
                Object.entries(each.attributes ?? {})
                  // It is a field of its own here.
                  .filter(([name, value]) => value === true && name !== 'truncated')
                  .map(([name]) => name)
                  .toSorted(),
              ),
            ].join(' '),
          )
          .toSorted(),
      }))
      expect(losses).toEqual([])
      expect(read.toSorted(compareIds)).toEqual(known.toSorted(compareIds))
    },
  )
})

function compareIds(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1
}
