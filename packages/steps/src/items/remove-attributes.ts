import type { Attributes, DatasetContent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { mapAnnotations, mapItems } from '../map-items.ts'
import { selectionOf } from '../selection.ts'
import type { Step } from '../step.ts'

/** Removes attributes of items and annotations. */
export const removeAttributes: Step = defineStep({
  name: 'remove-attributes',
  summary: 'Remove attributes',
  isItemwise: true,
  options: {
    names: { type: 'list', describe: 'Only these' },
    of: {
      type: 'string',
      choices: ['items', 'annotations', 'both'],
      describe: 'Whose attributes; both by default',
    },
    where: { type: 'string', describe: 'A query: only of items and annotations that match' },
  },
  apply: async ([input], { names, of = 'both', where }, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { schema } = input.view
    const selection = selectionOf(where, schema, context)
    const gone = names === undefined ? undefined : new Set(names)
    const items = mapItems(input.view, (item) => {
      if (!selection.hasItem(item)) return item
      const selected = selection.annotationsOf(item)
      const bare = of === 'annotations' ? item : withoutAttributes(item, gone)
      if (of === 'items') return bare
      return mapAnnotations(bare, (each) =>
        selected.has(each) ? withoutAttributes(each, gone) : each,
      )
    })
    return { schema, items }
  },
})

function withoutAttributes<Thing extends { readonly attributes?: Attributes }>(
  thing: Thing,
  gone: ReadonlySet<string> | undefined,
): Thing {
  const { attributes, ...rest } = thing
  if (attributes === undefined) return thing
  const left = Object.entries(attributes).filter(([name]) => gone !== undefined && !gone.has(name))
  // What is left out may be: it is optional.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (left.length > 0 ? { ...rest, attributes: Object.fromEntries(left) } : rest) as Thing
}
