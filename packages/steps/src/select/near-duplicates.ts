import { findDuplicates, NEAR_DUPLICATE_DISTANCE } from '@dsv/analysis'
import type { AnnotatedItem, DatasetContent, DatasetView } from '@dsv/core'
import { defineStep } from '../define-step.ts'
import { optionInvalid } from '../errors.ts'
import { isFolderName } from '../items/map-subsets.ts'
import { rekeyItems } from '../items/rekey-items.ts'
import type { Step } from '../step.ts'
import { reportSubsets, SUBSETS_REPORT } from './report-subsets.ts'
import { distanceOf } from './select-options.ts'

const NAME = 'near-duplicates'

/** Keeps one of each group of items that look alike. */
export const nearDuplicates: Step = defineStep({
  name: NAME,
  summary: 'Keep one of each group of images that look alike',
  report: SUBSETS_REPORT,
  options: {
    distance: {
      type: 'number',
      describe: 'In how many of 64 bits perceptual hashes may differ, 0…15; 6 by default',
    },
    exact: { type: 'boolean', describe: 'Only files of equal bytes; no pixels are read' },
    rest: { type: 'string', describe: 'The subset that the others go to; without it they go' },
  },
  apply: async ([input], { distance, exact = false, rest }, context): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    if (exact && distance !== undefined)
      throw optionInvalid(NAME, 'exact', 'is given, and a distance too')
    if (rest !== undefined && !isFolderName(rest))
      throw optionInvalid(NAME, 'rest', 'is a name that no folder can have')
    const bits = exact ? undefined : (distanceOf(NAME, distance) ?? NEAR_DUPLICATE_DISTANCE)
    const groups = await findDuplicates(view, bits, {
      signal: context.signal,
      readMedia: async (media) => context.readMedia(media),
      onUndecodable: ({ subset, id }) =>
        context.onNote({ what: 'image that cannot be decoded', where: `${subset}/${id}` }),
    })
    const annotated = await annotatedPlaces(view, new Set(groups.flat().map(({ place }) => place)))
    const redundant = new Set<number>()
    for (const group of groups) {
      // Members are in the order of their keys.
      const kept = group.find(({ place }) => annotated.has(place)) ?? group[0]
      for (const { place, subset, id } of group) {
        if (place === kept?.place) continue
        redundant.add(place)
        const where = `${subset}/${id}: as ${kept?.subset}/${kept?.id}`
        context.onNote({
          what: rest === undefined ? 'item left out' : `item put into ${rest}`,
          where,
        })
      }
    }
    const items = rekeyItems(NAME, view, ({ subset, id }, place) => {
      if (!redundant.has(place)) return { subset, id }
      return rest === undefined ? undefined : { subset: rest, id }
    })
    return { schema: view.schema, items: reportSubsets(items, context) }
  },
})

/** Those of some places where an item has an annotation in any layer. */
async function annotatedPlaces(
  view: Pick<DatasetView, 'items'>,
  places: ReadonlySet<number>,
): Promise<ReadonlySet<number>> {
  const annotated = new Set<number>()
  if (places.size === 0) return annotated
  let place = 0
  for await (const item of view.items()) {
    if (places.has(place) && hasAnnotations(item)) annotated.add(place)
    place++
  }
  return annotated
}

function hasAnnotations({ layers }: AnnotatedItem): boolean {
  return Object.values(layers).some((annotations) => annotations.length > 0)
}
