import { type CheckFinding, checkDataset, type CheckRequest, CHECKS } from '@dsv/analysis'
import type { Schema } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { datasets } from '../../../formats/test/arbitraries.ts'
import { box, DEFECTS, withAnnotation } from './defects.ts'
import { memoryView } from './memory-view.ts'
import { type ValidDataset, validDatasets } from './valid-dataset.ts'

const RUNS = { numRuns: 12 }

async function badFindings(
  { schema, items }: ValidDataset,
  request: CheckRequest = {},
): Promise<readonly CheckFinding[]> {
  const { findings } = await checkDataset(memoryView(schema, items), request)
  return findings.filter(({ severity }) => severity !== 'info')
}

describe('checkDataset', () => {
  it('finds nothing bad in a dataset that is valid by construction', async () => {
    await fc.assert(
      fc.asyncProperty(validDatasets, async (dataset) => {
        expect(await badFindings(dataset)).toEqual([])
        expect(await badFindings(dataset, { format: 'coco', task: 'detection' })).toEqual([])
      }),
      RUNS,
    )
  })

  it.each(Object.entries(DEFECTS))(
    'finds %s where it was put in, and nothing else',
    async (name, put) => {
      await fc.assert(
        fc.asyncProperty(validDatasets, async (dataset) => {
          const findings = await badFindings(put(dataset))
          expect([...new Set(findings.map(({ check }) => check))]).toEqual([name])
          expect(await badFindings(put(dataset), { skip: [name] })).toEqual([])
        }),
        { numRuns: 3 },
      )
    },
  )

  it('has a defect for every check of errors and warnings that runs by itself', () => {
    const bad = CHECKS.filter(
      ({ severity, needsPixels, needsTask }) =>
        severity !== 'info' && needsPixels !== true && needsTask !== true,
    )
    const others = ['dataset-empty', 'no-categories']
    expect([...Object.keys(DEFECTS), ...others].toSorted()).toEqual(
      bad.map(({ name }) => name).toSorted(),
    )
  })

  it('gives the same report each time, and counts what it does not list', async () => {
    await fc.assert(
      fc.asyncProperty(validDatasets, fc.integer({ min: 0, max: 3 }), async (dataset, limit) => {
        const many = withAnnotation(dataset, ...Array.from({ length: 5 }, () => box))
        const view = memoryView(many.schema, many.items)
        const report = await checkDataset(view, { limit })
        expect(await checkDataset(view, { limit })).toEqual(report)
        const twins = report.checks.find(({ name }) => name === 'annotation-duplicate')
        expect(twins?.found).toBe(4)
        const listed = report.findings.filter(({ check }) => check === 'annotation-duplicate')
        expect(listed).toHaveLength(limit)
      }),
      RUNS,
    )
  })

  it('says that there is nothing, or nothing that has a name', async () => {
    const nothing = await checkDataset(memoryView({ categories: [], attributes: [], info: {} }, []))
    expect(nothing.findings).toMatchObject([{ check: 'dataset-empty' }])
    const [item] = fc.sample(validDatasets, 1)[0]?.items ?? []
    if (item === undefined) throw new Error('no item')
    const bare = { ...item, layers: { ground_truth: [box] } }
    const { findings } = await checkDataset(
      memoryView({ categories: [], attributes: [], info: {} }, [bare]),
    )
    expect(findings).toMatchObject([{ check: 'no-categories' }])
  })

  it('finds ids of COCO that are there twice in a subset, in other formats only in an item', async () => {
    const schema: Schema = { categories: [], attributes: [], info: {} }
    const layers = { ground_truth: [{ ...box, sourceId: 7 }] }
    const items = [
      { subset: 'train', id: '1', media: [], layers },
      { subset: 'train', id: '2', media: [], layers },
      { subset: 'val', id: '2', media: [], layers },
    ]
    const only = ['source-id-duplicate']
    const twins = await badFindings({ schema, items }, { format: 'coco', only })
    expect(twins).toMatchObject([{ subset: 'train', id: '2' }])
    expect(await badFindings({ schema, items }, { only })).toEqual([])
  })

  it('finds every annotation that is there twice, whatever its type', async () => {
    const types = [
      'label',
      'box',
      'rotated-box',
      'polygon',
      'points',
      'mask',
      'caption',
      'ellipse',
    ] as const
    await fc.assert(
      fc.asyncProperty(datasets({ types }), async ({ schema, items }) => {
        const twice = items.map((item) => {
          const annotations = item.layers['ground_truth'] ?? []
          return { ...item, layers: { ground_truth: [...annotations, ...annotations] } }
        })
        const { findings } = await checkDataset(memoryView(schema, twice), {
          only: ['annotation-duplicate'],
        })
        const found = new Set(
          findings.map(({ subset, id, annotation }) => `${subset}/${id}/${annotation}`),
        )
        for (const { subset, id, layers } of items)
          for (const [at] of (layers['ground_truth'] ?? []).entries()) {
            const second = (layers['ground_truth']?.length ?? 0) + at
            expect(found).toContain(`${subset}/${id}/ground_truth-${second}`)
          }
      }),
      RUNS,
    )
  })

  it('reads any geometry to an end', async () => {
    const numbers = fc.array(fc.double(), { maxLength: 9 })
    const hostile = fc.record({
      type: fc.constantFrom(
        'box',
        'polygon',
        'points',
        'mask',
        'ellipse',
        'text',
        'tabular',
        'vector',
      ),
      x: fc.double(),
      y: fc.double(),
      width: fc.double(),
      height: fc.double(),
      cx: fc.double(),
      cy: fc.double(),
      rx: fc.double(),
      ry: fc.double(),
      angle: fc.double(),
      points: numbers,
      visibility: numbers,
      parts: fc.array(fc.array(numbers, { maxLength: 3 }), { maxLength: 3 }),
      counts: fc.string(),
      text: fc.string(),
      values: fc.constant({ a: Number.NaN, b: null, ['__proto__']: 1 }),
      category: fc.constantFrom('__proto__', 'constructor', 'a'),
    })
    const schema: Schema = { categories: [{ key: 'a', name: 'a' }], attributes: [], info: {} }
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 6 }), async (drafts) => {
        const media = [
          { role: 'primary', path: 'a.png', kind: 'image' as const, width: 4, height: 4 },
        ]
        const item = { subset: 'a', id: 'b', media, layers: { ground_truth: drafts as never } }
        const report = await checkDataset(memoryView(schema, [item]))
        expect(report.annotations).toBe(drafts.length)
        expect(JSON.parse(JSON.stringify(report))).toEqual(report)
      }),
      { numRuns: 150 },
    )
  })

  it('looks at the box that is stated beside a shape too', async () => {
    const [dataset] = fc.sample(validDatasets, 1)
    if (dataset === undefined) throw new Error('no dataset')
    const triangle = { type: 'polygon', parts: [[[61, 41, 79, 41, 79, 59]]] } as const
    for (const [stated, check] of [
      [[61, 41, 0, 18], 'area-zero'],
      [[61, 41, -1, 18], 'size-negative'],
      [[61, 41, 30, 18], 'outside-image'],
    ] as const) {
      const findings = await badFindings(withAnnotation(dataset, { ...triangle, box: stated }))
      expect(findings.map((each) => each.check)).toEqual([check])
    }
  })

  it('knows which checks there are', async () => {
    const view = memoryView({ categories: [], attributes: [], info: {} }, [])
    for (const request of [
      { only: ['subset-leek'] },
      { skip: ['x'] },
      { severities: { y: 'off' as const } },
    ])
      await expect(checkDataset(view, request)).rejects.toMatchObject({ code: 'DSV_CHECK_UNKNOWN' })
  })
})
