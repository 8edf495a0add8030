import {
  type AnnotatedItem,
  type Annotation,
  decodeCommit,
  decodeDataset,
  GROUND_TRUTH,
  isBelow,
  list,
  type Repository,
} from '@dsv/core'
import type { GitLink } from '@dsv/remote'
import { hashBlob } from '@dsv/store'
import { annotationTitle, type CategoryNames, oneLine, shapeText } from './annotation-text.ts'
import { itemName } from './item-lines.ts'
import { countOf } from './quantities.ts'

/** Git holds the text of both sides in memory and compares it line by line. */
const MOST_ITEMS = 10_000

/**
 * Yields what the datasets of a link hold, one line for each item and annotation, so that a comparison of two
 * such texts shows what changed. Lines end in a check sum, which also differs where the words are alike.
 *
 * @yields lines
 * @throws `DSV_OBJECT_NOT_FOUND` where the commit is not here
 */
export async function* linkContent(
  repository: Repository,
  { commitId, path }: GitLink,
): AsyncGenerator<string, void, undefined> {
  const { objects } = repository.store
  const { datasets } = decodeCommit(await objects.getObject('commit', commitId))
  for (const [at, id] of [...datasets].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (path !== '' && at !== path && !isBelow(at, path)) continue
    const { format, items, schema } = decodeDataset(await objects.getObject('dataset', id))
    yield `${oneLine(at === '' ? '.' : at)}: ${format}, ${countOf(items.count, 'item')} ${sumOf(id)}`
    if (items.count > MOST_ITEMS) {
      yield '  (too many to list; `dsv diff` of the two commits shows what changed)'
      continue
    }
    const names: CategoryNames = new Map(schema.categories.map(({ key, name }) => [key, name]))
    for await (const { item } of list(repository, { at: commitId, dataset: at }))
      yield* itemText(item, names)
  }
}

function* itemText(item: AnnotatedItem, names: CategoryNames): Generator<string> {
  const { layers, ...rest } = item
  yield `  ${itemName(item)} ${sumOf(rest)}`
  for (const layer of Object.keys(layers).toSorted())
    for (const annotation of layers[layer] ?? []) {
      const place = layer === GROUND_TRUTH ? [] : [`in layer ${oneLine(layer)}`]
      yield `    ${[annotationText(annotation, names), ...place].join(' ')}`
    }
}

function annotationText(annotation: Annotation, names: CategoryNames): string {
  const { uid: _, ...said } = annotation
  const title = oneLine(annotationTitle(annotation, names))
  return [title, oneLine(shapeText(annotation)), sumOf(said)]
    .filter((part) => part !== '')
    .join(' ')
}

function sumOf(value: unknown): string {
  return `#${hashBlob(Buffer.from(JSON.stringify(value))).slice(0, 8)}`
}
