import {
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { compareText } from '../shared/compare-text.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { type MarsImage, marsImageOf } from './image-place.ts'

const FILES_AT_ONCE = 16

/** Reads images of people: a label for the person, and attributes that the name says. */
export async function readMars(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const images = (await folder.list()).flatMap((path) => marsImageOf(path) ?? [])
  const people = [...new Set(images.map(({ person }) => person))].toSorted(compareText)
  const categories = people.map((name): Category => ({ key: name, name }))
  return {
    schema: { ...EMPTY_SCHEMA, categories },
    layout: null,
    items: readAhead(withIds(images), FILES_AT_ONCE, async ([id, image]) =>
      readItem(id, image, context),
    ),
  }
}

function* withIds(images: readonly MarsImage[]): Generator<readonly [string, MarsImage]> {
  const used = new Set<string>()
  for (const image of images) {
    const { subset, person, name, path } = image
    const names = [name, `${person}/${name}`]
    const id = names.find((each) => !used.has(`${subset}\0${each}`)) ?? path
    used.add(`${subset}\0${id}`)
    yield [id, image]
  }
}

async function readItem(
  id: string,
  { subset, path, person, attributes }: MarsImage,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const info = await context.probe(path)
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    ...(attributes !== undefined && { attributes }),
    layers: { [GROUND_TRUTH]: [{ type: 'label', category: person }] },
  }
}
