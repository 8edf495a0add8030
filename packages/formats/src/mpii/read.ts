import {
  type AnnotationDraft,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { freeId, idOfImage } from '../shared/image-name.ts'
import { indexRecords, readRecords } from '../shared/image-records.ts'
import type { JsonObject } from '../shared/json-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { folderOf } from '../shared/subset-files.ts'
import { findMpiiFile } from './detect.ts'
import { draftsOfPerson, HUMAN, type Person } from './person.ts'
import { openMatList } from './read-mat.ts'
import { peopleOfRecord } from './read-record.ts'

/** Reads people of the MATLAB file, or of its form as JSON. @throws `DSV_FORMAT_SYNTAX` */
export async function readMpii(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const path = await findMpiiFile(folder)
  const reading: Reading = { folder, context, media: await mediaFinder(folder), used: new Map() }
  const schema = { ...EMPTY_SCHEMA, categories: [HUMAN] }
  if (path === undefined) {
    const wanted = {
      usual: 'mpii_annotations.json',
      suffixes: ['.mat', '.json'],
      problem: 'holds no people of MPII',
    }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
    return { schema, layout: null, items: noItems() }
  }
  const items = path.endsWith('.json') ? jsonItems(reading, path) : matItems(reading, path)
  return { schema, layout: null, items }
}

interface Reading {
  readonly folder: Folder
  readonly context: ReadContext
  readonly media: MediaFinder
  /** Ids by subset. */
  readonly used: Map<string, Set<string>>
}

async function* noItems(): AsyncGenerator<SourceItem> {}

async function* matItems(reading: Reading, path: string): AsyncGenerator<SourceItem> {
  const { folder, context } = reading
  try {
    const list = openMatList(await folder.read(path), path)
    for (let at = 0; at < list.length; at += 1) {
      context.signal.throwIfAborted()
      try {
        const { name, subset, people, attributes } = list.imageAt(at)
        const item = await readItem(reading, path, { name, subset, people })
        yield Object.keys(attributes).length === 0 ? item : { ...item, attributes }
      } catch (error) {
        skipOrThrow(error, path, context)
      }
    }
  } catch (error) {
    skipOrThrow(error, path, context)
  }
}

async function* jsonItems(reading: Reading, path: string): AsyncGenerator<SourceItem> {
  const { folder, context } = reading
  const imageOf = (record: JsonObject, index?: number): string => {
    const name = record['img_paths']
    if (typeof name === 'string' && name !== '') return name
    throw formatSyntax(path, `${index === undefined ? 'a record' : `[${index}]`} has no img_paths`)
  }
  try {
    const index = await indexRecords(folder, path, { list: '', imageOf }, context)
    for await (const records of readRecords(folder, index, context)) {
      try {
        const name = records[0] === undefined ? '' : imageOf(records[0])
        const subset = subsetOf(records[0])
        const people = distinctPeople(records, path)
        yield await readItem(reading, path, { name, subset, people })
      } catch (error) {
        skipOrThrow(error, path, context)
      }
    }
  } catch (error) {
    skipOrThrow(error, path, context)
  }
}

function subsetOf(record: JsonObject | undefined): string {
  const isValidation = record?.['isValidation']
  if (isValidation === undefined) return 'default'
  return isValidation === 1 || isValidation === true ? 'val' : 'train'
}

/** There is a record for each person of an image, with the others again. */
function distinctPeople(records: readonly JsonObject[], file: string): readonly Person[] {
  const people = new Map<string, Person>()
  for (const person of records.flatMap((record) => peopleOfRecord(record, file))) {
    const key = JSON.stringify([...person.joints, person.center])
    if (!people.has(key)) people.set(key, person)
  }
  return [...people.values()]
}

async function readItem(
  { context, media, used }: Reading,
  file: string,
  image: { readonly name: string; readonly subset: string; readonly people: readonly Person[] },
): Promise<SourceItem> {
  const { name, subset, people } = image
  const root = folderOf(file)
  const found = media.find(name, [root, `${root}images/`])
  const info = found === undefined ? undefined : await context.probe(found)
  const ids = used.get(subset) ?? new Set<string>()
  used.set(subset, ids)
  const drafts: AnnotationDraft[] = people.flatMap((person, at) => draftsOfPerson(person, at + 1))
  return {
    subset,
    id: freeId(idOfImage(name), ids),
    media: [
      {
        role: 'primary',
        path: found ?? `${root}images/${safeMediaName(name)}`,
        ...info,
        kind: 'image',
      },
    ],
    layers: { [GROUND_TRUTH]: drafts },
  }
}
