import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CHECK_TASKS, checkDataset, CHECKS } from '@dsv/analysis'
import type { DatasetView, SourceItem } from '@dsv/core'
import { loadAdapter, openFolder, probeMedia, resolveFormatName } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { memoryView } from './memory-view.ts'

const SHARED = path.resolve(
  process.env['DSV_SHARED'] ?? path.join(import.meta.dirname, '../../../../../shared'),
)
const FACTS = path.join(SHARED, 'facts/operations.dev.json')
const facts: Readonly<Record<string, { readonly by_anomaly?: Readonly<Record<string, number>> }>> =
  existsSync(FACTS) ? JSON.parse(readFileSync(FACTS, 'utf8')) : {}
const validations = Object.entries(facts).filter(([name]) => name.startsWith('validate|'))

/** Where dsv counts something else than Datumaro's validator, and why it is right. */
const DIFFERENCES: Readonly<
  Record<string, Readonly<Record<string, readonly [ours: number, why: string]>>>
> = {
  'coco_dataset/coco_instances|coco_instances|DetectionValidator': {
    UndefinedAttribute: [2, 'iscrowd is a field of COCO, no attribute of the user: x and y remain'],
  },
  'coco_dataset/coco_instances|coco_instances|SegmentationValidator': {
    UndefinedAttribute: [2, 'iscrowd is a field of COCO, no attribute of the user: x and y remain'],
  },
  'roboflow_dataset/coco|roboflow_coco|DetectionValidator': {
    UndefinedAttribute: [0, 'iscrowd is a field of COCO, no attribute of the user'],
  },
  'voc_dataset/voc_dataset1|voc_detection|DetectionValidator': {
    LabelDefinedButNotFound: [
      21,
      'hand and foot are categories too, for parts of objects are read with all else; background is none',
    ],
    FewSamplesInLabel: [3, 'the head, a part of the person, is a box too'],
    ImbalancedDistInLabel: [18, 'the head, a part of the person, is a box too'],
    UndefinedAttribute: [
      13,
      'actions of the person and difficult are attributes that VOC files do not define',
    ],
    OnlyOneAttributeValue: [0, 'truncated and occluded are fields of every annotation'],
    FewSamplesInAttribute: [0, 'truncated and occluded are fields of every annotation'],
    ImbalancedDistInAttribute: [0, 'truncated and occluded are fields of every annotation'],
  },
}

/** Datumaro draws conclusions from single samples. */
const AS_THE_PEER = {
  'sizes-imbalanced': { 'min-samples': 1 },
  'sizes-imbalanced-by-value': { 'min-samples': 1 },
}

const ANOMALIES =
  'MissingLabelCategories MissingAnnotation MissingAttribute MultiLabelAnnotations UndefinedLabel UndefinedAttribute LabelDefinedButNotFound AttributeDefinedButNotFound OnlyOneLabel OnlyOneAttributeValue FewSamplesInLabel FewSamplesInAttribute ImbalancedLabels ImbalancedAttribute ImbalancedDistInLabel ImbalancedDistInAttribute NegativeLength InvalidValue FarFromLabelMean FarFromAttrMean BrokenAnnotation EmptyLabel EmptyCaption FewSamplesInCaption RedundanciesInCaption ImbalancedCaptions ImbalancedDistInCaption FarFromCaptionMean OutlierInCaption'.split(
    ' ',
  )

describe('checks', () => {
  it('cover the 29 anomalies of Datumaro', () => {
    expect(ANOMALIES).toHaveLength(29)
    expect([...new Set(CHECKS.flatMap(({ peer = [] }) => peer))].toSorted()).toEqual(
      ANOMALIES.toSorted(),
    )
  })
})

const describeFacts = validations.length > 0 ? describe : describe.skip
describeFacts(
  'counts by anomaly, as Datumaro has them (skipped without the collection of facts)',
  () => {
    it.each(validations)('%s', async (name, { by_anomaly: theirs = {} }) => {
      const [, asset = '', format = '', validator = ''] = name.split('|')
      const task = CHECK_TASKS.find((each) => validator.toLowerCase().startsWith(each))
      if (task === undefined) throw new Error(`unknown task: ${validator}`)
      const view = await readAsset(asset, format)
      const { checks } = await checkDataset(view, { task, parameters: AS_THE_PEER })
      const ours = new Map<string, number>()
      for (const { name: check, found } of checks)
        for (const anomaly of CHECKS.find((each) => each.name === check)?.peer ?? [])
          ours.set(anomaly, (ours.get(anomaly) ?? 0) + found)
      const differences = DIFFERENCES[name.replace('validate|', '')] ?? {}
      const expected = new Map(Object.entries(theirs))
      for (const [anomaly, [count]] of Object.entries(differences)) expected.set(anomaly, count)
      expect(sorted(ours)).toEqual(sorted(expected))
    })
  },
)

function sorted(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...counts].filter(([, count]) => count > 0).toSorted(([a], [b]) => (a < b ? -1 : 1))
}

async function readAsset(
  asset: string,
  format: string,
): Promise<Pick<DatasetView, 'schema' | 'items'>> {
  const folder = await openFolder(path.join(SHARED, 'data/datumaro-assets', asset))
  try {
    const adapter = await loadAdapter(resolveFormatName(format))
    const stream = await adapter.read(folder, {
      signal: new AbortController().signal,
      onLoss: () => {},
      onError: 'fail',
      onProblem: () => {},
      probe: async (file) => probeMedia(folder, file),
    })
    const items: SourceItem[] = []
    for await (const item of stream.items) items.push(item)
    return memoryView(stream.schema, items)
  } finally {
    await folder.close()
  }
}
