import type { AnnotationDraft } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'
import type { TestDataset } from '../arbitraries.ts'

const adapter = await loadAdapter('yolo')

testAdapter('yolo', adapter, {
  shape: { mustHaveCategory: true, types: ['box'] },
  normalise: rounded,
  rewritesSameBytes: true,
})
testAdapter('yolo segment', adapter, {
  variant: 'ultralytics-segment',
  shape: { mustHaveCategory: true, types: ['polygon'] },
  prepare: withOnePart,
  normalise: rounded,
  rewritesSameBytes: true,
})
testAdapter('yolo obb', adapter, {
  variant: 'ultralytics-obb',
  shape: { mustHaveCategory: true, types: ['quad'] },
  normalise: rounded,
  rewritesSameBytes: true,
})
testAdapter('yolo pose', adapter, {
  variant: 'ultralytics-pose',
  shape: { mustHaveCategory: true, types: ['points', 'box'] },
  prepare: withTwoPoints,
  normalise: rounded,
  adds: ['box'],
  rewritesSameBytes: true,
})
testAdapter('darknet', adapter, {
  variant: 'darknet',
  shape: { mustHaveCategory: true, types: ['box'] },
  normalise: rounded,
  rewritesSameBytes: true,
})
testAdapter('yolo classify', adapter, {
  variant: 'ultralytics-classify',
  shape: { mustHaveCategory: true, types: ['label'], subsets: ['train'] },
  prepare: withEveryLabel,
})

/** Normalised numbers come back within a millionth of a pixel. */
function rounded(annotation: AnnotationDraft): AnnotationDraft {
  const { extra: _, ...rest } = annotation
  const text = JSON.stringify(rest, (_key, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1e4) / 1e4 + 0 : value,
  )
  const read: AnnotationDraft = JSON.parse(text)
  return read
}

function mapAnnotations(
  { schema, items }: TestDataset,
  change: (annotation: AnnotationDraft) => AnnotationDraft,
): TestDataset {
  return {
    schema,
    items: items.map((item) => ({
      ...item,
      layers: { ground_truth: (item.layers['ground_truth'] ?? []).map(change) },
    })),
  }
}

function withOnePart(dataset: TestDataset): TestDataset {
  return mapAnnotations(dataset, (annotation) => {
    if (annotation.type !== 'polygon') return annotation
    return { ...annotation, parts: annotation.parts.slice(0, 1) }
  })
}

function withTwoPoints(dataset: TestDataset): TestDataset {
  return mapAnnotations(dataset, (annotation) => {
    if (annotation.type !== 'points') return annotation
    const [x = 1, y = 1] = annotation.points
    const [seen = 1] = annotation.visibility
    return { ...annotation, points: [x + 1, y, 4, 2.5], visibility: [seen, 2] }
  })
}

/** Without any label there would be no folder of a class to know the format by. */
function withEveryLabel({ schema, items }: TestDataset): TestDataset {
  const category = schema.categories[0]?.key ?? ''
  return {
    schema,
    items: items.map((item) => ({
      ...item,
      layers: { ground_truth: [{ type: 'label', category }] },
    })),
  }
}
