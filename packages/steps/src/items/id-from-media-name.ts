import {
  type AnnotatedItem,
  type DatasetContent,
  type DatasetView,
  type ItemKey,
  primaryMedium,
} from '@dsv/core'
import { defineStep } from '../define-step.ts'
import type { Step } from '../step.ts'
import { keyPrint, rekeyItems } from './rekey-items.ts'

/** Calls items as their media files are called: without folder and extension. */
export const idFromMediaName: Step = defineStep({
  name: 'id-from-media-name',
  summary: 'Call items as their media files are called',
  options: {
    'ensure-unique': {
      type: 'boolean',
      describe: 'Items that would be called the same get -2, -3, … behind their id',
    },
  },
  apply: async ([input], { 'ensure-unique': ensureUnique = false }): Promise<DatasetContent> => {
    if (input === undefined) throw new TypeError('No dataset')
    const { view } = input
    const items = ensureUnique
      ? uniquelyNamed(view)
      : rekeyItems('id-from-media-name', view, keyFromMedia)
    return { schema: view.schema, items }
  },
})

/** An item without media keeps its id. */
function keyFromMedia(item: AnnotatedItem): ItemKey {
  const medium = primaryMedium(item)
  const name = medium?.path.slice(medium.path.lastIndexOf('/') + 1)
  const id = name?.replace(/(?<=.)\.[^.]*$/u, '')
  return { subset: item.subset, id: id === undefined || id === '' ? item.id : id }
}

/** Goes over the view twice; keeps one number for each item. */
async function* uniquelyNamed(view: DatasetView): AsyncGenerator<AnnotatedItem, void, undefined> {
  const taken = new Set<number>()
  for await (const item of view.items()) taken.add(keyPrint(keyFromMedia(item)))
  const given = new Set<number>()
  for await (const item of view.items()) {
    const wanted = keyFromMedia(item)
    let key = wanted
    if (given.has(keyPrint(wanted)))
      for (let count = 2; taken.has(keyPrint(key)); count += 1)
        key = { ...wanted, id: `${wanted.id}-${count}` }
    given.add(keyPrint(key))
    taken.add(keyPrint(key))
    yield { ...item, ...key }
  }
}
