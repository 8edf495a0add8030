import type { Annotation, DatasetContent } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { mapAnnotations, mapItems } from '../map-items.ts'
import { selectionOf } from '../selection.ts'
import type { Step } from '../step.ts'

/** Moves boxes: for coordinates that count from 1, or from the middle of a pixel. */
export const shiftBoxes: Step = defineStep({
  name: 'shift-boxes',
  summary: 'Move all boxes by some pixels',
  isItemwise: true,
  options: {
    x: { type: 'number', describe: 'To the right, in pixels; 0 by default' },
    y: { type: 'number', describe: 'Down, in pixels; 0 by default' },
    where: { type: 'string', describe: 'A query: only boxes that match' },
  },
  apply: async ([input], { x = 0, y = 0, where }, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { schema } = input.view
    const selection = selectionOf(where, schema, context)
    const items = mapItems(input.view, (item) => {
      const selected = selection.annotationsOf(item)
      return mapAnnotations(item, (each) => (selected.has(each) ? shifted(each, x, y) : each))
    })
    return { schema, items }
  },
})

/** A box that is stated beside another shape moves as well. */
function shifted(annotation: Annotation, dx: number, dy: number): Annotation {
  const { box } = annotation
  const moved =
    annotation.type === 'box'
      ? { ...annotation, x: annotation.x + dx, y: annotation.y + dy }
      : annotation
  if (box === undefined) return moved
  return { ...moved, box: [box[0] + dx, box[1] + dy, box[2], box[3]] }
}
