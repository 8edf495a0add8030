import type { NumberSummary, Statistics, ValueSummary } from '@dsv/analysis'
import { oneLine } from './annotation-text.ts'
import type { Paint } from './paint.ts'
import { bytesText, countOf, countText, numberText, shortList } from './quantities.ts'
import { tableLines } from './table-lines.ts'

/** Tables end here; --json and --html have the rest. */
const MAX_ROWS = 30
const MAX_VALUES = 6

/** Returns statistics as people read them. */
export function statisticsLines(statistics: Statistics, paint: Paint): readonly string[] {
  const { datasets, subsets, custom } = statistics
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['', overview(statistics)],
    [
      'Datasets',
      datasets.length < 2
        ? []
        : table(
            ['dataset', 'items', 'annotations'],
            datasets.map((each) => [
              each.path || '.',
              ...[each.items, each.annotations].map(countText),
            ]),
          ),
    ],
    ['Layers', layerLines(statistics)],
    [
      'Subsets',
      subsets.length < 2
        ? []
        : table(
            ['subset', 'items', 'unannotated', 'annotations', 'differs (bits)'],
            subsets.map((each) => [
              each.subset,
              ...[each.items, each.unannotated, each.annotations].map(countText),
              each.divergence === null ? '-' : each.divergence.toFixed(3),
            ]),
          ),
    ],
    ['Images', imageLines(statistics)],
    ['Pixels', pixelLines(statistics)],
    ['Annotations', annotationLines(statistics)],
    ['Categories', categoryLines(statistics)],
    ['Together on an item', pairLines(statistics)],
    ['Keypoints', keypointLines(statistics)],
    ['Attributes', attributeLines(statistics)],
    [
      'Counts',
      table(
        ['name', 'items', 'annotations'],
        custom.counts.map(({ name, items, annotations }) => [
          name,
          countText(items),
          countText(annotations),
        ]),
      ),
    ],
    ...custom.groups.map((group): [string, readonly string[]] => [
      `${oneLine(group.expression)} (by ${group.about})`,
      groupLines(group),
    ]),
  ]
  return sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines]) =>
      title === '' ? lines : [paint.title(title), ...lines.map((line) => `  ${line}`)],
    )
}

function overview({ items, images, annotations, layers }: Statistics): readonly string[] {
  const { count, unannotated } = items
  return [
    `${countOf(count, 'item')}, ${countText(unannotated.count)} without annotations`,
    `${countOf(annotations.count, 'annotation')} in ${layers.map(oneLine).join(', ') || 'no layer'}`,
    `${countOf(images.count, 'image')}, ${countText(images.unique)} different${images.missing > 0 ? `, ${countText(images.missing)} missing` : ''}`,
  ]
}

function layerLines({ annotations: { byLayer } }: Statistics): readonly string[] {
  if (byLayer.length < 2) return []
  return table(
    ['layer', 'items', 'annotations'],
    byLayer.map((each) => [each.layer, countText(each.items), countText(each.annotations)]),
  )
}

function imageLines({ images, datasets }: Statistics): readonly string[] {
  const { sizes, width, height, aspect, bytes, unknownSize, groups, repeated } = images
  const place = (item: (typeof groups)[number]['items'][number]): string =>
    oneLine([...(datasets.length > 1 ? [item.dataset] : []), item.subset, item.id].join('/'))
  return [
    ...(sizes.count > 0 ? [`sizes   ${valuesText(sizes)}`] : []),
    ...numberLine('width', width),
    ...numberLine('height', height),
    ...numberLine('aspect', aspect),
    ...(bytes === undefined
      ? []
      : [
          `bytes   mean ${bytesText(Math.round(bytes.mean))}, ${bytesText(bytes.min)} to ${bytesText(bytes.max)}`,
        ]),
    ...(unknownSize > 0 ? [`${countText(unknownSize)} of unknown size`] : []),
    ...groups
      .slice(0, 5)
      .map(
        ({ items, count }) =>
          `the same ${countOf(count, 'time')}: ${shortList(items.map(place), 5)}`,
      ),
    ...(repeated > 5 ? [`… and ${countText(repeated - 5)} more that repeat`] : []),
  ]
}

function pixelLines({ images: { pixels } }: Statistics): readonly string[] {
  if (pixels === undefined) return []
  const rows = [
    ...pixels.subsets,
    ...(pixels.all === null || pixels.subsets.length < 2 ? [] : [{ subset: 'all', ...pixels.all }]),
  ].map(({ subset, images, mean, std }) => [
    subset,
    countText(images),
    mean.map((value) => value.toFixed(3)).join(' '),
    std?.map((value) => value.toFixed(3)).join(' ') ?? '-',
  ])
  const { count, examples } = pixels.unread
  return [
    ...table(['subset', 'images', 'mean (red green blue)', 'std'], rows),
    ...(count > 0
      ? [`${countOf(count, 'image')} could not be read: ${shortList(examples.map(oneLine), 3)}`]
      : []),
  ]
}

function annotationLines({ annotations }: Statistics): readonly string[] {
  if (annotations.count === 0) return []
  const { sizeClasses, areas, objectsPerItem, uncategorised, tracks } = annotations
  return [
    `types  ${annotations.byType.map(({ type, count }) => `${type} ${countText(count)}`).join(', ')}`,
    ...(uncategorised > 0 ? [`${countText(uncategorised)} without a category`] : []),
    ...numberLine('objects per item', objectsPerItem),
    ...numberLine('area', areas),
    ...(areas === undefined
      ? []
      : [
          `small ${countText(sizeClasses.small)}, medium ${countText(sizeClasses.medium)}, large ${countText(sizeClasses.large)} (limits 32² and 96²)`,
        ]),
    ...numberLine('score', annotations.scores),
    ...(tracks === undefined
      ? []
      : [`${countOf(tracks.count, 'track')}: ${numberLine('length', tracks.lengths).join('')}`]),
    ...numberLine('words of captions', annotations.captions?.words),
    ...numberLine('words of texts', annotations.texts?.words),
  ]
}

function categoryLines({ annotations: { categories } }: Statistics): readonly string[] {
  return table(
    ['category', 'count', 'share', 'items', 'mean area', 'area'],
    categories.map(({ name, count, share, items, area, areaShare, small, medium, large }) => [
      name,
      countText(count),
      percent(share),
      countText(items),
      small + medium + large === 0 ? '-' : numberText(area / (small + medium + large)),
      percent(areaShare),
    ]),
  )
}

function pairLines({ annotations: { coOccurrence } }: Statistics): readonly string[] {
  const { pairs, distinct } = coOccurrence
  const lines = pairs
    .slice(0, 5)
    .map(({ a, b, items }) => `${oneLine(a)} + ${oneLine(b)}: ${countOf(items, 'item')}`)
  return distinct > 5 ? [...lines, `… and ${countText(distinct - 5)} more pairs`] : lines
}

function keypointLines({ annotations: { keypoints } }: Statistics): readonly string[] {
  return keypoints.flatMap(({ category, points }) => [
    oneLine(category),
    ...table(
      ['point', 'visible', 'hidden', 'absent'],
      points.map(({ name, visible, hidden, absent }) => [
        name,
        ...[visible, hidden, absent].map(countText),
      ]),
    ),
  ])
}

function attributeLines({ annotations, items }: Statistics): readonly string[] {
  const all = [...annotations.flags, ...annotations.attributes, ...items.attributes]
  const lines = all
    .slice(0, MAX_ROWS)
    .map((each) => `${oneLine(each.name)} (${countText(each.count)}): ${valuesText(each)}`)
  const more = all.length - MAX_ROWS
  return more > 0 ? [...lines, `… and ${countText(more)} more`] : lines
}

function groupLines(group: ValueSummary): readonly string[] {
  return [
    ...table(
      ['value', 'count', 'share'],
      group.values.map(({ value, count, share }) => [
        String(value),
        countText(count),
        percent(share),
      ]),
    ),
    ...(group.others > 0 ? [`${countText(group.others)} of values that are not kept`] : []),
    ...numberLine('numbers', group.numbers),
  ]
}

function numberLine(name: string, summary: NumberSummary | undefined): readonly string[] {
  if (summary === undefined) return []
  const { mean, min, max, quartiles } = summary
  const [low, median, high] = quartiles
  return [
    `${name}  mean ${numberText(mean)}, median ${numberText(median)}, half ${numberText(low)} to ${numberText(high)}, all ${numberText(min)} to ${numberText(max)}`,
  ]
}

function valuesText({ values, others, distinct }: ValueSummary): string {
  const shown = values
    .slice(0, MAX_VALUES)
    .map(({ value, count }) => `${oneLine(String(value))} ${countText(count)}`)
  const more = distinct - shown.length
  return `${shown.join(', ')}${more > 0 ? ` … and ${countText(more)}${others > 0 ? ' or more' : ''} other values` : ''}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return []
  const shown = rows.slice(0, MAX_ROWS).map(([first = '', ...rest]) => [oneLine(first), ...rest])
  const more = rows.length - MAX_ROWS
  return [...tableLines([head, ...shown]), ...(more > 0 ? [`… and ${countText(more)} more`] : [])]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
