import { barChart } from '../html/bar-chart.ts'
import { heatMap } from '../html/heat-map.ts'
import { histogram } from '../html/histogram.ts'
import { htmlTable, type TableCell } from '../html/html-table.ts'
import type { Markup } from '../html/markup.ts'
import { htmlPage, paragraph } from '../html/page.ts'
import type { NumberSummary } from './number-tally.ts'
import { MAX_BARS, MAX_ROWS, more, type StatisticsTitle, table } from './page-pieces.ts'
import type { AnnotationFigures, CategoryStatistics, Statistics } from './statistics.ts'
import type { ValueSummary } from './value-tally.ts'

const MAX_HEAT = 30
const MAX_ATTRIBUTES = 50

/** Returns a page of HTML that stands by itself, with the statistics as tables and plots. */
export function statisticsPage({ title, about }: StatisticsTitle, statistics: Statistics): string {
  const { images, annotations, custom, items } = statistics
  return htmlPage({
    title,
    ...(about !== undefined && { about }),
    sections: [
      { title: 'Overview', pieces: overview(statistics) },
      { title: 'Categories', pieces: categoryPieces(annotations) },
      { title: 'Subsets', pieces: subsetPieces(statistics) },
      {
        title: 'Images',
        pieces: [
          ...valueTable('Sizes in pixels', images.sizes),
          ...numberPieces('Width', images.width, 'pixels'),
          ...numberPieces('Height', images.height, 'pixels'),
          ...numberPieces('Aspect', images.aspect, 'width / height'),
          ...numberPieces('File size', images.bytes, 'bytes'),
        ],
      },
      { title: 'Pixels', pieces: pixelPieces(statistics) },
      { title: 'Repeated images', pieces: repeatedPieces(statistics) },
      {
        title: 'Annotations',
        pieces: [
          ...numberPieces('Objects per item', annotations.objectsPerItem, 'objects'),
          ...numberPieces('Area', annotations.areas, 'square pixels'),
          ...numberPieces('Score', annotations.scores, 'score'),
          ...numberPieces('Track length', annotations.tracks?.lengths, 'annotations'),
          ...numberPieces('Words of captions', annotations.captions?.words, 'words'),
          ...numberPieces('Words of texts', annotations.texts?.words, 'words'),
        ],
      },
      { title: 'Keypoints', pieces: keypointPieces(annotations) },
      {
        title: 'Attributes',
        pieces: [...annotations.flags, ...annotations.attributes, ...items.attributes]
          .slice(0, MAX_ATTRIBUTES)
          .flatMap((each) => valueTable(each.name, each)),
      },
      {
        title: 'Custom',
        pieces: [
          ...table(
            ['count', 'query', 'items', 'annotations'],
            custom.counts.map(({ name, query, ...each }) => [
              name,
              query,
              each.items,
              each.annotations,
            ]),
          ),
          ...custom.groups.flatMap((each) => [
            ...valueTable(each.expression, each),
            ...numberPieces(each.expression, each.numbers, each.expression),
          ]),
        ],
      },
    ],
  })
}

function overview({ datasets, layers, items, images, annotations }: Statistics): readonly Markup[] {
  return [
    ...(datasets.length > 1
      ? table(
          ['dataset', 'items', 'annotations'],
          datasets.map((each) => [each.path || '.', each.items, each.annotations]),
        )
      : []),
    htmlTable({
      head: ['', 'count'],
      rows: [
        ['items', items.count],
        ['items with annotations', items.annotated],
        ['items without', items.unannotated.count],
        ['images', images.count],
        ['different images', images.unique],
        ['images that are missing', images.missing],
        [`annotations (${layers.join(', ')})`, annotations.count],
        ['annotations without a category', annotations.uncategorised],
        ['small (below 32²)', annotations.sizeClasses.small],
        ['medium (32² to 96²)', annotations.sizeClasses.medium],
        ['large (96² and more)', annotations.sizeClasses.large],
      ],
    }),
    ...(annotations.byType.length === 0
      ? []
      : [
          barChart({
            title: 'Annotations by type',
            bars: annotations.byType.map(({ type, count }) => ({ label: type, values: [count] })),
          }),
        ]),
    ...(annotations.byLayer.length > 1
      ? table(
          ['layer', 'items', 'annotations'],
          annotations.byLayer.map((each) => [each.layer, each.items, each.annotations]),
        )
      : []),
  ]
}

function categoryPieces({ categories, coOccurrence }: AnnotationFigures): readonly Markup[] {
  if (categories.length === 0) return []
  const bars = categories
    .slice(0, MAX_BARS)
    .map(({ name, count }) => ({ label: name, values: [count] }))
  return [
    barChart({ title: 'Annotations by category', bars }),
    ...table(
      ['category', 'count', 'share %', 'items', 'mean area', 'area %', 'small', 'medium', 'large'],
      categories.map((each) => [
        each.name,
        each.count,
        each.share * 100,
        each.items,
        meanArea(each),
        each.areaShare * 100,
        each.small,
        each.medium,
        each.large,
      ]),
    ),
    ...heatPieces(categories, coOccurrence),
  ]
}

function meanArea({ area, small, medium, large }: CategoryStatistics): TableCell {
  const count = small + medium + large
  return count === 0 ? '–' : area / count
}

function heatPieces(
  categories: readonly CategoryStatistics[],
  { pairs }: AnnotationFigures['coOccurrence'],
): readonly Markup[] {
  if (pairs.length === 0) return []
  const names = categories.slice(0, MAX_HEAT).map(({ name }) => name)
  const counts = new Map(pairs.map(({ a, b, items }) => [JSON.stringify([a, b]), items]))
  const own = new Map(categories.map(({ name, items }) => [name, items]))
  const values = names.map((a) =>
    names.map((b) =>
      a === b ? (own.get(a) ?? 0) : (counts.get(JSON.stringify(a < b ? [a, b] : [b, a])) ?? 0),
    ),
  )
  return [heatMap({ title: 'Items that have both', rows: names, columns: names, values })]
}

function subsetPieces({ subsets, divergences, annotations }: Statistics): readonly Markup[] {
  if (subsets.length === 0) return []
  const compared = subsets.slice(0, 8)
  const bars = annotations.categories.slice(0, MAX_BARS).map(({ name }) => ({
    label: name,
    values: compared.map(
      ({ categories }) => (categories.find((each) => each.name === name)?.share ?? 0) * 100,
    ),
  }))
  return [
    ...table(
      ['subset', 'items', 'unannotated', 'annotations', 'differs by (bits)'],
      subsets.map((each) => [
        each.subset,
        each.items,
        each.unannotated,
        each.annotations,
        each.divergence ?? '–',
      ]),
    ),
    ...(compared.length > 1 && bars.length > 0
      ? [
          barChart({
            title: 'Part of each category in %',
            bars,
            series: compared.map(({ subset }) => subset),
          }),
        ]
      : []),
    ...table(
      ['subset', 'other', 'differ by (bits)'],
      divergences.map(({ a, b, divergence }) => [a, b, divergence ?? '–']),
    ),
  ]
}

function pixelPieces({ images: { pixels } }: Statistics): readonly Markup[] {
  if (pixels === undefined) return []
  const rows = [
    ...pixels.subsets,
    ...(pixels.all === null || pixels.subsets.length < 2 ? [] : [{ subset: 'all', ...pixels.all }]),
  ].map(({ subset, images, pixels: count, mean, std }) => [
    subset,
    images,
    count,
    ...mean,
    ...(std ?? ['–', '–', '–']),
  ])
  const head = ['subset', 'images', 'pixels']
  for (const figure of ['mean', 'std'])
    for (const color of ['red', 'green', 'blue']) head.push(`${figure} ${color}`)
  const { count } = pixels.unread
  return [
    ...table(head, rows),
    ...(count === 0 ? [] : [paragraph(`${count} images could not be read.`)]),
  ]
}

function repeatedPieces({ images: { groups, repeated }, datasets }: Statistics): readonly Markup[] {
  const rows = groups.slice(0, MAX_ROWS).map(({ count, items }) => [
    count,
    items
      .slice(0, 10)
      .map(({ dataset, subset, id }) =>
        [...(datasets.length > 1 ? [dataset] : []), subset, id].join('/'),
      )
      .join(', '),
  ])
  return [...table(['times', 'items'], rows), ...more(repeated, rows.length)]
}

function keypointPieces({ keypoints }: AnnotationFigures): readonly Markup[] {
  return keypoints.flatMap(({ category, points }) =>
    table(
      ['point', 'visible', 'hidden', 'absent'],
      points.map(({ name, visible, hidden, absent }) => [name, visible, hidden, absent]),
      category,
    ),
  )
}

function numberPieces(
  title: string,
  summary: NumberSummary | undefined,
  xLabel: string,
): readonly Markup[] {
  if (summary === undefined) return []
  const { mean, min, max, quartiles } = summary
  const shown = [mean, quartiles[1], min, max].map((value) => Number(value.toPrecision(4)))
  const said = `mean ${shown[0]}, median ${shown[1]}, from ${shown[2]} to ${shown[3]}`
  return [histogram({ title: `${title}: ${said}`, bins: summary.bins, xLabel })]
}

function valueTable(title: string, { values, others }: ValueSummary): readonly Markup[] {
  if (values.length === 0) return []
  return [
    ...table(
      ['value', 'count', 'share %'],
      [
        ...values
          .slice(0, 20)
          .map(({ value, count, share }) => [String(value), count, share * 100]),
        ...(values.length > 20
          ? [[`${values.length - 20} more values`, restOf(values, 20), '']]
          : []),
        ...(others > 0 ? [['values that are not kept', others, '']] : []),
      ],
      title,
    ),
  ]
}

function restOf(values: ValueSummary['values'], from: number): number {
  return values.slice(from).reduce((sum, { count }) => sum + count, 0)
}
