import {
  type AnnotationDraft,
  type DatasetView,
  type Media,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import {
  type Statistics,
  type StatisticsInput,
  statisticsOf,
  type StatisticsOptions,
} from '@dsv/analysis'
import { loadAdapter, openFolder, probeMedia } from '@dsv/formats'
import { hashBlob } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'
import { assetPath } from '../../../formats/test/facts.ts'

const FACTS = path.join(assetPath('.'), '../../facts/operations.dev.json')

interface AnnotationFact {
  readonly 'images count': number
  readonly 'annotations count': number
  readonly 'unannotated images count': number
  readonly 'unannotated images': readonly string[]
  readonly 'annotations by type': Readonly<Record<string, number>>
  readonly annotations: {
    readonly labels: {
      readonly count: number
      readonly distribution: Readonly<Record<string, readonly [number, number]>>
      readonly attributes: Readonly<
        Record<string, { readonly count: number; readonly distribution: unknown }>
      >
    }
    readonly segments: {
      readonly 'avg. area': number
      readonly 'area distribution': readonly {
        readonly min: number
        readonly max: number
        readonly count: number
      }[]
      readonly 'pixel distribution': Readonly<Record<string, readonly [number, number]>>
    }
  }
}

interface ImageFact {
  readonly dataset: {
    readonly 'images count': number
    readonly 'unique images count': number
    readonly 'repeated images count': number
    readonly 'repeated images': readonly (readonly (readonly [string, string])[])[]
  }
}

type TrueFact = Readonly<
  Record<
    string,
    {
      readonly images: number
      readonly pixels: number
      readonly mean_rgb: readonly number[]
      readonly std_rgb_unbiased: readonly number[]
    }
  >
>

const facts: Readonly<Record<string, unknown>> = existsSync(FACTS)
  ? JSON.parse(readFileSync(FACTS, 'utf8'))
  : {}

/** Facts of a kind: name, asset, format. */
function factsOf(kind: string): readonly (readonly [string, string, string, unknown])[] {
  return Object.entries(facts)
    .filter(([name]) => name.startsWith(kind))
    .map(([name, fact]) => {
      const [, asset = '', format = ''] = name.split('|')
      return [`${asset} as ${format}`, asset, OURS[format] ?? format, fact]
    })
}

const OURS: Readonly<Record<string, string>> = {
  coco_instances: 'coco',
  roboflow_coco: 'coco',
  voc_detection: 'voc',
  wider_face: 'wider-face',
  image_dir: 'image-folder',
}

/**
 * What Datumaro reads of the same files, from what we read. A stated box beside another shape is an annotation of its own;
 * of VOC there are the boxes of whole objects only, what an object does not say is false, and actions are left out. Those
 * are differences of readers (docs/formats/differences.md); the figures made of them have to be the same.
 */
function asDatumaroReads(item: SourceItem, format: string): SourceItem {
  const read = item.layers['ground_truth'] ?? []
  const drafts = format === 'voc' ? read.flatMap(vocObject) : read.flatMap(withStatedBox)
  return { ...item, layers: { ground_truth: drafts } }
}

function vocObject(draft: AnnotationDraft): readonly AnnotationDraft[] {
  if (draft.type !== 'box' || draft.category === 'head') return []
  const { pose, difficult = false } = draft.attributes ?? {}
  const attributes = { difficult, ...(pose !== undefined && { pose }) }
  return [{ ...draft, truncated: draft.truncated ?? false, attributes }]
}

function withStatedBox(draft: AnnotationDraft): readonly AnnotationDraft[] {
  const { box, ...rest } = draft
  if (box === undefined || draft.type === 'box') return [rest]
  const [x, y, width, height] = box
  const { category, attributes, crowd } = draft
  const common = {
    ...(category !== undefined && { category }),
    ...(attributes !== undefined && { attributes }),
    ...(crowd !== undefined && { crowd }),
  }
  return [rest, { ...common, type: 'box', x, y, width, height }]
}

/** Statistics of a sample, made of what `reads` makes of its items. */
async function statisticsOfAsset(
  asset: string,
  format: string,
  options: StatisticsOptions = {},
  reads: typeof asDatumaroReads = (item) => item,
): Promise<Statistics> {
  const adapter = await loadAdapter(format)
  const folder = await openFolder(assetPath(asset))
  const blobOf = async (media: SourceMedia): Promise<Media> => ({
    ...media,
    ...(await probeMedia(folder, media.path)),
    ...((await folder.has(media.path)) && { blob: hashBlob(await folder.read(media.path)) }),
  })
  try {
    const stream = await adapter.read(folder, {
      signal: new AbortController().signal,
      onLoss: () => {},
      onError: 'fail',
      onProblem: () => {},
      probe: async (file) => probeMedia(folder, file),
    })
    const items: SourceItem[] = []
    for await (const item of stream.items) {
      const media = await Promise.all(item.media.map(blobOf))
      items.push(reads({ ...item, media }, format))
    }
    const view: DatasetView = memoryDatasetView(stream.schema, items)
    const input: StatisticsInput = { path: 'data', view }
    const readMedia = async ({ path: file }: Media): Promise<Uint8Array> => folder.read(file)
    return await statisticsOf([input], { readMedia, ...options })
  } finally {
    await folder.close()
  }
}

describe('statistics of what Datumaro reads from its samples', () => {
  if (Object.keys(facts).length === 0) {
    it('cannot be compared: its samples are not at hand', () => {
      expect(facts).toEqual({})
    })
    return
  }

  it.each(factsOf('ann_stats'))(
    'has the same annotations, of %s',
    async (_, asset, format, fact) => {
      const all = await statisticsOfAsset(asset, format, {}, asDatumaroReads)
      // Datumaro forgets annotations without a category everywhere but in the first counts.
      const where = 'category is not null'
      const labelled = await statisticsOfAsset(asset, format, { where }, asDatumaroReads)
      expect(asFact(all, labelled)).toEqual(fact)
    },
  )

  it.each(factsOf('TRUE pixel-weighted'))(
    'has the true mean and deviation of pixels, of %s',
    async (_, asset, format, fact) => {
      const { pixels } = (await statisticsOfAsset(asset, format)).images
      const found = pixels?.subsets.map((each) => [each.subset, each])
      expect(pixels?.unread.count).toBe(0)
      expect(Object.fromEntries(found ?? [])).toMatchObject(
        Object.fromEntries(
          Object.entries(fact as TrueFact).map(
            ([subset, { images, pixels: count, ...figures }]) => [
              subset,
              {
                images,
                pixels: count,
                mean: figures.mean_rgb.map(close),
                std: figures.std_rgb_unbiased.map(close),
              },
            ],
          ),
        ),
      )
    },
  )

  it.each(factsOf('DATUMARO image stats'))(
    'has the same repeated images where they are the same, of %s',
    async (_, asset, format, fact) => {
      const { dataset } = fact as ImageFact
      const { images } = await statisticsOfAsset(asset, format)
      const groups = images.groups.map(({ items }) => items.map(({ id, subset }) => [id, subset]))
      const found = {
        'images count': images.count,
        'unique images count': images.unique,
        'repeated images count': images.repeated,
        'repeated images': groups.map((group) =>
          group.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
        ),
      }
      // Datumaro takes an image of 10 × 5 pixels for one of 5 × 10, because its hash knows no shape.
      expect(found).toEqual(
        format === 'coco'
          ? {
              'images count': 2,
              'unique images count': 2,
              'repeated images count': 0,
              'repeated images': [],
            }
          : dataset,
      )
    },
  )
})

/** The decoder of a JPEG may round differently. */
function close(value: number): unknown {
  return expect.closeTo(value, 0)
}

/** Our figures under the names and in the shapes that Datumaro gives them; what it leaves out where it is zero, too. */
function asFact({ items, annotations: all }: Statistics, labelled: Statistics): AnnotationFact {
  const { count, categories, attributes, flags, areas, areaBins } = labelled.annotations
  const named = categories.filter((category) => category.count > 0)
  const said = [...attributes, ...flags].map(({ name, count: total, values }) => {
    const distribution = Object.fromEntries(
      values.map(({ value, count: each, share }) => [pythonText(value), [each, share]]),
    )
    const present = Object.keys(distribution).toSorted()
    const summary = {
      count: total,
      'values count': present.length,
      'values present': present,
      distribution,
    }
    return [name === 'crowd' ? 'is_crowd' : name, summary] as const
  })
  return {
    'images count': items.count,
    'annotations count': all.count,
    'unannotated images count': items.unannotated.count,
    'unannotated images': items.unannotated.items.map(({ id }) => id),
    'annotations by type': Object.fromEntries(
      all.byType.map(({ type, count: each }) => [type === 'box' ? 'bbox' : type, each]),
    ),
    annotations: {
      labels: {
        count,
        distribution: Object.fromEntries(
          named.map(({ name, count: each, share }) => [name, [each, share]]),
        ),
        attributes: Object.fromEntries(said),
      },
      segments: {
        'avg. area': areas?.mean ?? 0,
        'area distribution': areaBins.map(({ from, to, count: each }) => ({
          min: from,
          max: to,
          count: each,
          percent: each / (areas?.count ?? 1),
        })),
        'pixel distribution': Object.fromEntries(
          named
            .filter(({ area }) => area > 0)
            .map(({ name, area, areaShare }) => [name, [area, areaShare]]),
        ),
      },
    },
  }
}

function pythonText(value: unknown): string {
  return value === true ? 'True' : value === false ? 'False' : String(value)
}
