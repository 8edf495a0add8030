import { type Annotation, type CategoryKey, type DatasetContent, newUid } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { mapItems, mapLayers } from '../map-items.ts'
import { selectionOf } from '../selection.ts'
import type { Step } from '../step.ts'

/** Makes of all annotations labels of the whole item, one for each category. */
export const annotationsToLabels: Step = defineStep({
  name: 'annotations-to-labels',
  summary: 'Make of all annotations labels of the item, one for each category',
  isItemwise: true,
  options: {
    where: { type: 'string', describe: 'A query: only annotations that match; others go' },
  },
  apply: async ([input], { where }, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { schema } = input.view
    const selection = selectionOf(where, schema, context)
    const items = mapItems(input.view, (item) => {
      const selected = selection.annotationsOf(item)
      return mapLayers(item, (annotations, layer) => {
        const labels = new Map<CategoryKey, Annotation>()
        const used = new Set(annotations.map(({ uid }) => uid))
        const chosen = annotations.filter((each) => selected.has(each))
        // Labels that are there already stay what they are.
        for (const each of chosen)
          if (each.type === 'label' && each.category !== undefined && !labels.has(each.category))
            labels.set(each.category, each)
        for (const { type, category } of chosen) {
          if (category === undefined)
            context.onNote({
              what: `${type} left out: it has no category`,
              where: `${item.subset}/${item.id}`,
            })
          else if (!labels.has(category)) {
            const label = { type: 'label', category } as const
            labels.set(category, { ...label, uid: newUid(item, layer, label, used) })
          }
        }
        return [...labels.values()]
      })
    })
    return { schema, items }
  },
})
