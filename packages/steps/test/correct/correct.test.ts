import { checkDataset, type CheckReport, CHECKS } from '@dsv/analysis'
import type { AnnotatedItem, Annotation, DatasetView, Media } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { hashBlob, toObjectId } from '@dsv/store'
import { stepNamed } from '@dsv/steps'
import * as fc from 'fast-check'
import { DEFECTS, withAnnotation } from '../../../analysis/test/check/defects.ts'
import { memoryView } from '../../../analysis/test/check/memory-view.ts'
import { validDatasets } from '../../../analysis/test/check/valid-dataset.ts'

const ID = toObjectId('1'.repeat(64))
const OTHER = toObjectId('2'.repeat(64))

interface Corrected {
  readonly view: Pick<DatasetView, 'schema' | 'items'>
  readonly items: readonly AnnotatedItem[]
  readonly notes: readonly string[]
}

async function corrected(
  view: Pick<DatasetView, 'schema' | 'items'>,
  findings: string | undefined,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Corrected> {
  const notes: string[] = []
  const whole: DatasetView = { ...view, layout: null, subsets: [], item: async () => undefined }
  const inputs = [{ path: 'data', datasetId: ID, view: whole }]
  const made = await stepNamed('correct').apply(
    inputs,
    { findings, ...options },
    {
      signal: new AbortController().signal,
      readMedia: async () => Buffer.of(),
      storeMedia: async () => {
        throw new Error('no media here')
      },
      onNote: ({ what, where }) => notes.push(`${what} (${where})`),
    },
  )
  const items: AnnotatedItem[] = []
  for await (const item of made.items) items.push(item)
  return { view: memoryView(made.schema, items), items, notes }
}

function reportText(report: CheckReport, id: string = ID): string {
  return JSON.stringify({ datasets: [{ path: 'data', id, ...report }] })
}

function found({ checks }: CheckReport, name: string): number {
  return checks.find((check) => check.name === name)?.found ?? 0
}

const repaired = Object.entries(DEFECTS).flatMap(([name, put]) => {
  const repair = CHECKS.find((check) => check.name === name)?.repair
  return repair === undefined ? [] : [{ name, put, isAsked: repair.isAsked === true }]
})

describe('correct', () => {
  it.each(repaired)(
    'leaves nothing of $name, says so, and touches nothing else',
    async ({ name, put, isAsked }) => {
      await fc.assert(
        fc.asyncProperty(validDatasets, async (dataset) => {
          const { schema, items } = put(dataset)
          const before = memoryView(schema, items)
          const report = await checkDataset(before)
          expect(found(report, name)).toBeGreaterThan(0)
          const usual = await corrected(before, reportText(report))
          expect(found(await checkDataset(usual.view), name) === 0).toBe(!isAsked)
          const {
            view,
            notes,
            items: after,
          } = await corrected(before, reportText(report), { checks: [name] })
          expect(found(await checkDataset(view), name)).toBe(0)
          expect(notes).toHaveLength(found(report, name))
          expect(notes.every((each) => each.startsWith(`${name}: `))).toBe(true)
          expect(await corrected(before, undefined, { checks: [name] })).toMatchObject({
            items: after,
            notes,
          })
          const touched = new Set(
            report.findings.filter(({ check }) => check === name).map(({ id }) => id),
          )
          const untouched = (await all(before)).filter(({ id }) => !touched.has(id))
          expect(after.filter(({ id }) => !touched.has(id))).toEqual(untouched)
        }),
        { numRuns: 2 },
      )
    },
  )

  it('clips what reaches out, and turns boxes around', async () => {
    const box = { type: 'box', x: 70, y: 50, width: 30, height: 30 } as const
    const [dataset] = fc.sample(validDatasets, 1)
    if (dataset === undefined) throw new Error('no dataset')
    const { schema, items } = withAnnotation(
      dataset,
      box,
      { ...box, x: 79, width: -9, height: 5 },
      {
        type: 'polygon',
        parts: [[[70, 50, 90, 50, 90, 58, 70, 58]]],
        box: [70, 50, 20, 8],
      },
    )
    const view = memoryView(schema, items)
    const { items: after } = await corrected(view, reportText(await checkDataset(view)))
    const [clipped, turned, polygon] = annotationsOf(after[0]).slice(-3)
    expect(clipped).toMatchObject({ x: 70, y: 50, width: 10, height: 10 })
    expect(turned).toMatchObject({ x: 70, y: 50, width: 9, height: 5 })
    expect(polygon).toMatchObject({ type: 'polygon', box: [70, 50, 10, 8] })
    expect(found(await checkDataset(memoryView(schema, after)), 'outside-image')).toBe(0)
  })

  it('takes the size of the pixels, and drops what is missing beside the image', async () => {
    const media: readonly Media[] = [
      {
        role: 'primary',
        path: 'a.png',
        kind: 'image',
        width: 5,
        height: 5,
        blob: hashBlob(Buffer.of()),
      },
      { role: 'depth', path: 'a.depth.png', kind: 'image', width: 5, height: 5 },
    ]
    const view = memoryView({ categories: [], attributes: [], info: {} }, [
      { subset: 'a', id: 'b', media, layers: {} },
    ])
    const { findings } = await checkDataset(view, { only: ['image-missing'] })
    expect(findings).toMatchObject([{ media: 'a.depth.png' }])
    const sizing = {
      check: 'image-size-mismatch',
      subset: 'a',
      id: 'b',
      media: 'a.png',
      size: [7, 9],
    }
    const report = { path: 'data', id: ID, findings: [...findings, sizing] }
    const { items } = await corrected(view, JSON.stringify({ datasets: [report] }))
    expect(items).toMatchObject([{ media: [{ path: 'a.png', width: 7, height: 9 }] }])
    expect(items[0]?.media).toHaveLength(1)
  })

  it('refuses a report of another version, unless told', async () => {
    const [dataset] = fc.sample(validDatasets, 1)
    if (dataset === undefined) throw new Error('no dataset')
    const view = memoryView(dataset.schema, dataset.items)
    const text = reportText(await checkDataset(view), OTHER)
    await expect(corrected(view, text)).rejects.toMatchObject({ code: 'DSV_OPTION_INVALID' })
    const { items } = await corrected(view, text, { 'any-version': true })
    expect(items).toEqual(await all(view))
  })

  it('refuses what is no report, and checks of which nothing is repaired', async () => {
    const view = memoryView({ categories: [], attributes: [], info: {} }, [])
    const hostile = fc.oneof(fc.string(), fc.json(), fc.constant('{"datasets":[{"path":1}]}'))
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        await expect(corrected(view, text)).rejects.toMatchObject({ code: 'DSV_OPTION_INVALID' })
      }),
      { numRuns: 30 },
    )
    const none = JSON.stringify({ datasets: [{ path: 'data', id: ID, findings: [] }] })
    await expect(corrected(view, none, { checks: ['few-samples'] })).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })

  it('says what the report does not list', async () => {
    const [dataset] = fc.sample(validDatasets, 1)
    const put = DEFECTS['annotation-duplicate']
    if (dataset === undefined || put === undefined) throw new Error('no dataset')
    const { schema, items } = put(dataset)
    const view = memoryView(schema, items)
    const { notes } = await corrected(view, reportText(await checkDataset(view, { limit: 0 })))
    expect(notes).toEqual(['annotation-duplicate: 1 more are not in the report (data)'])
  })
})

async function all(view: Pick<DatasetView, 'items'>): Promise<readonly AnnotatedItem[]> {
  const items: AnnotatedItem[] = []
  for await (const item of view.items()) items.push(item)
  return items
}

function annotationsOf(item: AnnotatedItem | undefined): readonly Annotation[] {
  return item?.layers['ground_truth'] ?? []
}
