import { type DatasetView, GROUND_TRUTH, type Media } from '@dsv/core'
import { annotationTally } from './annotation-tally.ts'
import { categoryNames } from './category-names.ts'
import { type CustomRequest, customTally } from './custom-tally.ts'
import { imageTally } from './image-tally.ts'
import { layerTally } from './layer-tally.ts'
import { namedTallies } from './named-tallies.ts'
import { imageOf, type ItemName, type PassingItem } from './repeated-images.ts'
import { selectedItems, type Selection } from './selected-items.ts'
import type { DatasetFigures, Statistics } from './statistics.ts'
import { subsetPixels } from './subset-pixels.ts'
import { subsetTally } from './subset-tally.ts'
import { valueTally } from './value-tally.ts'

/** A dataset whose statistics are wanted. */
export interface StatisticsInput {
  readonly path: string
  readonly view: DatasetView
}

/** What is counted, and how. */
export interface StatisticsOptions extends Selection, CustomRequest {
  /** Reads the pixels of every image, which is slow, for their mean and deviation. */
  readonly readMedia?: (media: Media) => Promise<Uint8Array>
  readonly signal?: AbortSignal
  /** Told after each item how many were counted. */
  readonly onItem?: (done: number) => void
  /** Told of what is probably a mistake in a query. */
  readonly onWarning?: (warning: string) => void
}

const MAX_UNANNOTATED = 1000

/**
 * Returns the statistics of datasets, counted together: a plain value of JSON.
 *
 * Goes over the items once, and once more where images repeat each other. Memory: eight bytes an image, and what grows with
 * categories, pairs of them that occur, subsets, tracks, and different values of attributes; all but the first two are
 * capped, as {@link Statistics} says in each place.
 *
 * @throws `DSV_QUERY_SYNTAX`
 */
export async function statisticsOf(
  datasets: readonly StatisticsInput[],
  options: StatisticsOptions = {},
): Promise<Statistics> {
  const counter = statisticsCounter(options)
  const found: DatasetFigures[] = []
  for (const dataset of datasets) found.push(await counter.count(dataset))
  return {
    datasets: found,
    ...(await counter.figures(async function* () {
      for (const { path, view } of datasets)
        for await (const { item } of selectedItems(view, options, () => true)) {
          options.signal?.throwIfAborted()
          yield { dataset: path, item }
        }
    })),
  }
}

/** Everything that is counted in one pass. */
interface StatisticsCounter {
  count(dataset: StatisticsInput): Promise<DatasetFigures>
  figures(again: () => AsyncIterable<PassingItem>): Promise<Omit<Statistics, 'datasets'>>
}

function statisticsCounter(options: StatisticsOptions): StatisticsCounter {
  const wanted = options.layers ?? [GROUND_TRUTH]
  const isCounted = (layer: string): boolean => wanted.includes('all') || wanted.includes(layer)
  const [annotations, images, subsets] = [annotationTally(), imageTally(), subsetTally()]
  const [custom, layers, pixels] = [
    customTally(options),
    layerTally(),
    subsetPixels(options.readMedia),
  ]
  const [attributes, tags] = [namedTallies(), valueTally()]
  const unannotated: ItemName[] = []
  let [items, annotated] = [0, 0]
  return {
    count: async ({ path, view }) => {
      const names = categoryNames(view.schema)
      annotations.know(names)
      const { onWarning = () => {} } = options
      const addCustom = custom.of(view.schema, onWarning)
      const before = items
      let sum = 0
      for await (const { item, counted } of selectedItems(view, options, isCounted, onWarning)) {
        options.signal?.throwIfAborted()
        const { subset, id } = item
        const count = annotations.add(counted, path, names)
        images.add(item)
        subsets.add(subset, count)
        layers.add(item.layers)
        addCustom(counted)
        for (const [name, value] of Object.entries(item.attributes ?? {}))
          attributes.add(name, value)
        for (const tag of item.tags ?? []) tags.add(tag)
        await pixels.add(subset, imageOf(item))
        sum += count.annotations
        if (count.annotations > 0) annotated++
        else if (unannotated.length < MAX_UNANNOTATED)
          unannotated.push({ dataset: path, subset, id })
        items++
        options.onItem?.(items)
      }
      return { path, items: items - before, annotations: sum }
    },
    figures: async (again) => {
      const pixelFigures = pixels.figures()
      const byLayer = layers.figures()
      return {
        layers: wanted.includes('all') ? byLayer.map(({ layer }) => layer) : wanted,
        items: {
          count: items,
          annotated,
          unannotated: { count: items - annotated, items: unannotated },
          attributes: attributes.summaries(),
          tags: tags.summary(),
        },
        images: {
          ...(await images.figures(again)),
          ...(pixelFigures && { pixels: pixelFigures }),
        },
        annotations: { ...annotations.figures(), byLayer },
        ...subsets.figures(annotations.counts()),
        custom: custom.figures(),
      }
    },
  }
}
