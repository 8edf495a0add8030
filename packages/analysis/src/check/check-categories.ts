import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { annotationNames, quoted } from './describe-annotation.ts'

/** Checks of categories, and of how often they occur. Memory grows with categories × subsets. */
export const CATEGORY_CHECKS: CheckFamily = {
  title: 'Categories',
  checks: [
    {
      name: 'no-categories',
      severity: 'warning',
      about: 'The dataset defines no category, and has annotations that could have one.',
      tasks: ['classification', 'detection', 'segmentation'],
      peer: ['MissingLabelCategories'],
    },
    {
      name: 'category-undefined',
      severity: 'error',
      about: 'An annotation names a category that the dataset does not define.',
      peer: ['UndefinedLabel'],
      repair: { does: 'adds the category to the schema' },
    },
    {
      name: 'category-missing',
      severity: 'warning',
      about: 'An annotation has no category, in a dataset that defines some.',
      peer: ['EmptyLabel'],
      repair: { does: 'drops the annotation', isAsked: true },
    },
    {
      name: 'category-unused',
      severity: 'warning',
      about: 'A category is defined, but no annotation has it.',
      tasks: ['classification', 'detection', 'segmentation'],
      peer: ['LabelDefinedButNotFound'],
      repair: { does: 'removes the category from the schema', isAsked: true },
    },
    {
      name: 'category-not-in-subset',
      severity: 'info',
      about: 'A category occurs in some annotated subsets, but not in this one.',
    },
    {
      name: 'only-one-category',
      severity: 'info',
      about: 'All annotations have the same one of several categories.',
      tasks: ['classification', 'detection', 'segmentation'],
      peer: ['OnlyOneLabel'],
    },
    {
      name: 'few-samples',
      severity: 'info',
      about: 'A category has very few annotations.',
      parameters: { 'at-most': { default: 1, about: 'Annotations that are still too few' } },
      tasks: ['classification', 'detection', 'segmentation'],
      peer: ['FewSamplesInLabel'],
    },
    {
      name: 'categories-imbalanced',
      severity: 'info',
      about: 'The most frequent category has many times the annotations of the rarest.',
      parameters: { ratio: { default: 50, about: 'How many times is too many' } },
      tasks: ['classification', 'detection', 'segmentation'],
      peer: ['ImbalancedLabels'],
    },
  ],
  inspect: inspectCategories,
}

/** Types whose annotations mostly say what something is. */
const CATEGORIZED: ReadonlySet<string> = new Set([
  'label',
  'box',
  'rotated-box',
  'quad',
  'polygon',
  'polyline',
  'points',
  'ellipse',
  'mask',
  'panoptic-segment',
  'cuboid-2d',
  'cuboid-3d',
  'temporal-segment',
])

function inspectCategories(context: InspectContext): Inspector {
  const { schema, report, parameter, task } = context
  const describe = annotationNames(schema)
  const known = new Set(schema.categories.map(({ key }) => key))
  const counts = new Map<string, number>(schema.categories.map(({ key }) => [key, 0]))
  const inSubsets = new Map<string, Set<string>>()
  let isCategorized = false

  const item = ({ item: { subset, id }, annotations }: CheckedItem): void => {
    for (const annotation of annotations) {
      const { uid, category, type } = annotation
      if (!CATEGORIZED.has(type)) continue
      isCategorized = true
      if (category === undefined) {
        if (known.size > 0)
          report('category-missing', {
            subset,
            id,
            annotation: uid,
            message: describe(annotation),
          })
      } else if (known.has(category)) {
        counts.set(category, (counts.get(category) ?? 0) + 1)
        const used = inSubsets.get(subset) ?? new Set()
        inSubsets.set(subset, used.add(category))
      } else
        report('category-undefined', {
          subset,
          id,
          annotation: uid,
          category,
          message: `${type} has the category ${quoted(category)}, which is not defined`,
        })
    }
  }

  const end = (): void => {
    if (known.size === 0 && (isCategorized || task !== undefined))
      report('no-categories', { message: 'No category is defined' })
    for (const { key, name } of schema.categories) {
      const count = counts.get(key) ?? 0
      const found = { category: key }
      if (count === 0)
        report('category-unused', { ...found, message: `${quoted(name)} is not used` })
      else if (count <= parameter('few-samples', 'at-most'))
        report('few-samples', { ...found, message: `${quoted(name)} occurs ${times(count)}` })
      if (count > 0 && inSubsets.size > 1)
        for (const [subset, used] of inSubsets)
          if (!used.has(key))
            report('category-not-in-subset', {
              ...found,
              subset,
              message: `${quoted(name)} does not occur in ${quoted(subset)}`,
            })
    }
    const used = schema.categories.filter(({ key }) => (counts.get(key) ?? 0) > 0)
    const [only] = used
    if (only !== undefined && used.length === 1 && schema.categories.length > 1)
      report('only-one-category', {
        category: only.key,
        message: `All annotations are ${quoted(only.name)}`,
      })
    reportImbalance(context, [...counts.values()])
  }
  return { item, end }
}

function reportImbalance({ report, parameter }: InspectContext, counts: readonly number[]): void {
  const most = counts.reduce((a, b) => Math.max(a, b), 0)
  const least = counts.reduce((a, b) => Math.min(a, b), Infinity)
  if (most === 0 || most / least < parameter('categories-imbalanced', 'ratio')) return
  report('categories-imbalanced', {
    message: `The most frequent category occurs ${times(most)}, the rarest ${times(least)}`,
  })
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
