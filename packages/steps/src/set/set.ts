import {
  type AnnotatedItem,
  type Annotation,
  type DatasetContent,
  type DatasetView,
  isEqual,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { checkKeys } from '../items/rekey-items.ts'
import { withTags } from '../items/tag-items.ts'
import { mapAnnotations } from '../map-items.ts'
import { type Selection, selectionOf } from '../selection.ts'
import type { Step, StepReport } from '../step.ts'
import { type Edits, parseEdits } from './parse-edits.ts'

/** Changes fields of the items and annotations that match a query, or deletes them. */
export const set: Step = defineStep({
  name: 'set',
  summary: 'Change or delete the items and annotations that match a query',
  options: {
    where: { type: 'string', describe: 'A query', isRequired: true },
    set: {
      type: 'map',
      describe:
        'New values: of category, score, group, track, zOrder, occluded, outside, truncated, crowd, attributes.NAME; of items subset, item.attributes.NAME',
    },
    unset: { type: 'list', describe: 'Fields that say nothing any more' },
    'add-tag': { type: 'list', describe: 'Tags that items get' },
    'remove-tag': { type: 'list', describe: 'Tags that items lose' },
    delete: {
      type: 'string',
      choices: ['annotations', 'items'],
      describe: 'Delete the annotations that match, or the items',
    },
  },
  report: 'how many items and annotations were changed and deleted',
  apply: async ([input], { where, delete: deletes, ...changes }, context) => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const edits = parseEdits(view.schema, changes, context)
    if (deletes !== undefined && edits.isAny)
      throw optionInvalid('set', 'delete', 'goes with no other change')
    if (deletes === undefined && !edits.isAny)
      throw optionInvalid('set', 'set', 'is missing, and so is every other change')
    const selection = selectionOf(where, view.schema, context)
    const content: DatasetContent = {
      schema: view.schema,
      items: changedItems(
        view,
        (item) => {
          if (!selection.hasItem(item)) return item
          if (deletes === 'items') return undefined
          return deletes === undefined
            ? edited(item, selection, edits)
            : withoutSelected(item, selection)
        },
        { canMove: edits.subset !== undefined, onReport: context.onReport ?? (() => {}) },
      ),
    }
    return content
  },
})

function edited(item: AnnotatedItem, selection: Selection, edits: Edits): AnnotatedItem {
  const selected = selection.annotationsOf(item)
  const made = mapAnnotations(item, (each) => (selected.has(each) ? edits.annotation(each) : each))
  return withTags(edits.item(made), edits.addTags, edits.removeTags)
}

function withoutSelected(item: AnnotatedItem, selection: Selection): AnnotatedItem {
  const selected = selection.annotationsOf(item)
  return mapAnnotations(item, (each) => (selected.has(each) ? undefined : each))
}

/** Goes over the view once, or up to three times when items move to another subset. */
async function* changedItems(
  view: DatasetView,
  change: (item: AnnotatedItem) => AnnotatedItem | undefined,
  { canMove, onReport }: { canMove: boolean; onReport: (report: StepReport) => void },
): AsyncGenerator<AnnotatedItem, void, undefined> {
  if (canMove) await checkKeys('set', view, (item) => change(item) ?? item)
  const counts = { items: 0, annotations: 0, deletedItems: 0, deletedAnnotations: 0 }
  for await (const item of view.items()) {
    const made = change(item)
    const { layers: before, ...facts } = item
    if (made === undefined) {
      counts.deletedItems += 1
      continue
    }
    const { layers: after, ...newFacts } = made
    if (!isEqual(facts, newFacts)) counts.items += 1
    for (const [layer, annotations] of Object.entries(before)) {
      const left = new Map(after[layer]?.map((each) => [each.uid, each]))
      counts.deletedAnnotations += annotations.length - left.size
      counts.annotations += annotations.filter((each) => isChanged(each, left.get(each.uid))).length
    }
    yield made
  }
  onReport({ value: counts, lines: sentence(counts) })
}

function isChanged(before: Annotation, after: Annotation | undefined): boolean {
  return after !== undefined && before !== after && !isEqual(before, after)
}

/** None where nothing changed. */
function sentence(counts: Readonly<Record<string, number>>): readonly string[] {
  const { items = 0, annotations = 0, deletedItems = 0, deletedAnnotations = 0 } = counts
  const changed = [counted(annotations, 'annotation'), counted(items, 'item')].flat()
  const deleted = [counted(deletedAnnotations, 'annotation'), counted(deletedItems, 'item')].flat()
  const parts = [
    ...(changed.length > 0 ? [`changed ${changed.join(' and ')}`] : []),
    ...(deleted.length > 0 ? [`deleted ${deleted.join(' and ')}`] : []),
  ]
  const text = parts.join(', ')
  return text === '' ? [] : [`${text[0]?.toUpperCase()}${text.slice(1)}.`]
}

function counted(count: number, thing: string): readonly string[] {
  if (count === 0) return []
  return [`${count.toLocaleString('en-US')} ${thing}${count === 1 ? '' : 's'}`]
}
