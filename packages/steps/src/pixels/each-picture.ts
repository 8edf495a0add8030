import type { AnnotatedItem } from '@dsv/core'
import { readAhead } from '@dsv/formats'
import type { StepContext, StepNote } from '../step.ts'

/** Decoding and encoding keep a core busy each; more pictures at once cost memory. */
const WIDTH = 4

/**
 * Yields what `change` makes of each item, in their order, with up to four under way. What it notes is told in that order as well.
 */
export async function* eachPicture(
  items: AsyncIterable<AnnotatedItem>,
  context: StepContext,
  change: (item: AnnotatedItem, context: StepContext) => Promise<readonly AnnotatedItem[]>,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const changed = async (
    item: AnnotatedItem,
  ): Promise<{ readonly made: readonly AnnotatedItem[]; readonly notes: readonly StepNote[] }> => {
    const notes: StepNote[] = []
    const made = await change(item, { ...context, onNote: (note) => notes.push(note) })
    return { made, notes }
  }
  for await (const { made, notes } of readAhead(items, WIDTH, changed)) {
    for (const note of notes) context.onNote(note)
    yield* made
  }
}
