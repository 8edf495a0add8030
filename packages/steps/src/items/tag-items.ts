import type { AnnotatedItem, DatasetContent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { mapItems } from '../map-items.ts'
import { selectionOf } from '../selection.ts'
import type { Step } from '../step.ts'

/** Adds tags to items and takes tags from them. */
export const tagItems: Step = defineStep({
  name: 'tag-items',
  summary: 'Add and remove tags of items',
  isItemwise: true,
  options: {
    where: { type: 'string', describe: 'A query: only items that match' },
    add: { type: 'list', describe: 'Tags that they get' },
    remove: { type: 'list', describe: 'Tags that they lose' },
  },
  apply: async ([input], { where, add = [], remove = [] }, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    if (add.length + remove.length === 0)
      throw optionInvalid('tag-items', 'add', 'is missing, and so is `remove`')
    if (add.includes('')) throw optionInvalid('tag-items', 'add', 'has an empty tag')
    const { schema } = input.view
    const selection = selectionOf(where, schema, context)
    const items = mapItems(input.view, (item) =>
      selection.hasItem(item) ? withTags(item, add, remove) : item,
    )
    return { schema, items }
  },
})

/** Returns the item with its tags in the order in which they came. */
export function withTags(
  item: AnnotatedItem,
  add: readonly string[],
  remove: readonly string[],
): AnnotatedItem {
  const { tags: old = [], ...rest } = item
  const tags = [...new Set([...old, ...add])].filter((tag) => !remove.includes(tag))
  return tags.length > 0 ? { ...rest, tags } : rest
}
