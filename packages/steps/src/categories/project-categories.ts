import type { DatasetContent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapItems } from '../map-items.ts'
import type { Step } from '../step.ts'
import { newCategories } from './new-categories.ts'
import { recategorized, remapped } from './remap-categories.ts'

/** Makes the list of categories the one that is given: in its order, with new ones, without others. */
export const projectCategories: Step = defineStep({
  name: 'project-categories',
  summary: 'Have exactly these categories, in this order',
  isItemwise: true,
  options: {
    names: {
      type: 'list',
      describe: 'All categories; new ones are added, others deleted with their annotations',
      isRequired: true,
    },
  },
  apply: async ([input], { names }, { onNote }): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const order = new Map(names.map((name, at) => [name, at]))
    if (order.size < names.length || order.has(''))
      throw optionInvalid('project-categories', 'names', 'has an empty name, or one twice')
    const remapping = remapped(view.schema, ({ name }) => (order.has(name) ? name : undefined))
    const kept = remapping.schema.categories
    for (const { key, name } of view.schema.categories)
      if (!remapping.keyOf.has(key)) onNote({ what: 'category deleted', where: name })
    const known = new Set(kept.map(({ name }) => name))
    const added = names.filter((name) => !known.has(name))
    const categories = [...kept, ...newCategories(view.schema, added)].toSorted(
      (a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0),
    )
    return {
      schema: { ...remapping.schema, categories },
      items: mapItems(view, recategorized(view.schema, remapping, onNote)),
    }
  },
})
