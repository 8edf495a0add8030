import type { AnnotatedItem, DatasetContent, DatasetView, Media } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import type { Step, StepContext } from '../step.ts'

/**
 * Gives the items of the first dataset the media of the others: labels that came without their images, frames of a
 * video. Keeps the media of all others in memory, about 200 bytes for each.
 */
export const attachMedia: Step = defineStep({
  name: 'attach-media',
  summary: 'Give items the media that other datasets have for them',
  inputs: 'many',
  options: {
    match: {
      type: 'string',
      choices: ['id', 'name', 'number'],
      describe:
        'What has to be the same: the id, its last segment, or the number at its end; id by default',
    },
    'add-items': {
      type: 'boolean',
      describe: 'Items that the first dataset does not have come along, without annotations',
    },
  },
  apply: async (
    [first, ...others],
    { match = 'id', 'add-items': addsItems = false },
    context,
  ): Promise<DatasetContent> => {
    if (first === undefined || others.length === 0)
      throw optionInvalid('attach-media', 'inputs', 'needs a dataset, and one or more with media')
    const keyOf = KEYS[match]
    const known = await mediaByKey(
      others.map(({ view }) => view),
      keyOf,
      context,
    )
    return {
      schema: first.view.schema,
      items: withMedia(first.view, known, { keyOf, addsItems, context }),
    }
  },
})

type KeyOf = (id: string) => string | undefined

const KEYS: Readonly<Record<'id' | 'name' | 'number', KeyOf>> = {
  id: (id) => id,
  name: (id) => id.slice(id.lastIndexOf('/') + 1),
  number: (id) => /0*(\d+)$/u.exec(id)?.[1],
}

/** An item of another dataset, and whether its media were taken. */
interface Offer {
  readonly id: string
  readonly subset: string
  readonly media: readonly Media[]
  isTaken: boolean
}

async function mediaByKey(
  views: readonly DatasetView[],
  keyOf: KeyOf,
  { onNote }: StepContext,
): Promise<ReadonlyMap<string, Offer>> {
  const known = new Map<string, Offer>()
  for (const view of views)
    for await (const { subset, id, media } of view.items()) {
      const key = keyOf(id)
      if (key === undefined || known.has(key))
        onNote({
          what:
            key === undefined ? 'media left out: no number' : 'media left out: one more of a key',
          where: `${subset}/${id}`,
        })
      else known.set(key, { subset, id, media, isTaken: false })
    }
  return known
}

async function* withMedia(
  view: DatasetView,
  known: ReadonlyMap<string, Offer>,
  {
    keyOf,
    addsItems,
    context,
  }: { readonly keyOf: KeyOf; readonly addsItems: boolean; readonly context: StepContext },
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const subsets = new Set<string>()
  for await (const item of view.items()) {
    subsets.add(item.subset)
    const offer = known.get(keyOf(item.id) ?? '')
    if (offer === undefined) {
      context.onNote({ what: 'item without media', where: `${item.subset}/${item.id}` })
      yield item
    } else {
      offer.isTaken = true
      yield { ...item, media: offer.media }
    }
  }
  if (!addsItems) return
  // Where the labels are in one subset, so are the images that have none.
  const [only] = subsets
  for (const { subset, id, media, isTaken } of known.values())
    if (!isTaken)
      yield { subset: subsets.size === 1 ? (only ?? subset) : subset, id, media, layers: {} }
}
