import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { parseNumbers } from '../shared/parse-number.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { splitClass } from '../shared/split-class.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import { findLfwSubsets, type LfwSubset } from './find-subsets.ts'
import { nameOfNumber } from './image-name.ts'

const FILES_AT_ONCE = 16

/** Reads lists of pairs, of people and of landmarks. @throws `DSV_FORMAT_SYNTAX` */
export async function readLfw(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const people = new Set<string>()
  const subsets: ReadSubset[] = []
  for (const files of await findLfwSubsets(folder)) {
    const images = await readSubset(folder, files, people, context)
    subsets.push({ files, images, ids: idsOf(images) })
  }
  const categories = [...people].map((name): Category => ({ key: name, name }))
  return {
    schema: { ...EMPTY_SCHEMA, categories },
    layout: {
      version: 1,
      roots: subsets.map(({ files }) => [files.subset, files.root]),
    },
    items: readItems(subsets, context),
  }
}

/** What the lists say of an image. */
interface ListedImage {
  readonly person: string | undefined
  readonly name: string
  readonly positives: string[]
  readonly negatives: string[]
  readonly landmarks: (readonly number[])[]
}

/** The images of a subset, by `person/name`. */
type ListedImages = Map<string, ListedImage>

interface ReadSubset {
  readonly files: LfwSubset
  readonly images: ListedImages
  readonly ids: ReadonlyMap<string, string>
}

async function readSubset(
  folder: Folder,
  files: LfwSubset,
  people: Set<string>,
  context: ReadContext,
): Promise<ListedImages> {
  const images: ListedImages = new Map()
  const own = new Set<string>()
  const addPerson = (name: string): void => {
    own.add(name)
    people.add(name)
  }
  await forEachLine(folder, files.people, context, ([name = '', ...counts]) => {
    if (counts.length === 1 && name !== '') addPerson(name)
  })
  const isOpen = files.people === undefined
  const add = (person: string | undefined, name: string): ListedImage => {
    const full = person === undefined ? name : `${person}/${name}`
    let image = images.get(full)
    if (image === undefined) {
      if (person !== undefined) addPerson(person)
      image = { person, name, positives: [], negatives: [], landmarks: [] }
      images.set(full, image)
    }
    return image
  }
  const addNamed = (full: string): ListedImage => {
    const known = images.get(full)
    if (known !== undefined) return known
    const split = splitClass(full, (name) => (isOpen ? !name.includes('/') : own.has(name)))
    return add(split?.className, split?.name ?? full)
  }
  await forEachLine(folder, files.pairs, context, (fields, isFirst) => {
    const [a = '', b = '', c = '', d = ''] = fields
    // The official lists begin with the numbers of folds and of pairs.
    if (isFirst && fields.length === 2 && /^\d+$/u.test(a) && /^\d+$/u.test(b)) {
      context.onLoss({ what: 'folds of pairs', where: files.pairs ?? '' })
    } else if (fields.some((field) => field === '')) throw new RangeError('has an empty field')
    else if (fields.length === 1) addNamed(a)
    else if (fields.length === 3) {
      const { positives } = add(a, nameOfNumber(a, b))
      positives.push(`${a}/${add(a, nameOfNumber(a, c)).name}`)
    } else if (fields.length === 4) {
      const { negatives } = add(a, nameOfNumber(a, b))
      const second = c === '-' ? addNamed(d) : add(c, nameOfNumber(c, d))
      const full = second.person === undefined ? second.name : `${second.person}/${second.name}`
      negatives.push(full)
    } else throw new RangeError(`has ${fields.length} fields; there should be 1, 3 or 4`)
  })
  const start = `${files.root}images/`.length
  for (const path of files.images) addNamed(withoutExtension(path.slice(start)))
  const byName = new Map([...images.values()].map((image) => [image.name, image]))
  await forEachLine(folder, files.landmarks, context, ([name = '', ...numbers], isFirst, line) => {
    const full = withoutExtension(name)
    if (full === '') throw new RangeError('has no name of an image')
    if (numbers.length === 0 || numbers.length % 2 === 1) {
      throw new RangeError('should have two numbers for each landmark')
    }
    const points = parseNumbers(numbers, files.landmarks ?? '', `landmarks of line ${line}`)
    const image = images.get(full) ?? byName.get(full) ?? addNamed(full)
    image.landmarks.push(points)
  })
  return images
}

/** Calls `use` with the fields of each line; a `RangeError` of it names what is wrong with the line. */
async function forEachLine(
  folder: Folder,
  path: string | undefined,
  context: ReadContext,
  use: (fields: readonly string[], isFirst: boolean, line: number) => void,
): Promise<void> {
  if (path === undefined) return
  let lines: readonly string[] = []
  try {
    lines = splitLines(decodeText(await folder.read(path), path)).lines
  } catch (error) {
    skipOrThrow(error, path, context)
  }
  for (const [at, line] of lines.entries()) {
    if (line === '') continue
    try {
      use(line.split('\t'), at === 0, at + 1)
    } catch (error) {
      const isOurs = error instanceof RangeError
      const known = isOurs ? formatSyntax(path, `line ${at + 1} ${error.message}`) : error
      skipOrThrow(known, path, context)
    }
  }
}

/** The name without the person is the id, unless two people have images of that name. */
function idsOf(images: ListedImages): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  for (const { name } of images.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map(
    [...images].map(([full, { name }]) => {
      const isUnique = counts.get(name) === 1 && (full === name || !images.has(name))
      return [full, isUnique ? name : full]
    }),
  )
}

async function* readItems(
  subsets: readonly ReadSubset[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  for (const { files, images, ids } of subsets) {
    const start = `${files.root}images/`.length
    const paths = new Map(files.images.map((path) => [withoutExtension(path.slice(start)), path]))
    yield* readAhead(images, FILES_AT_ONCE, async ([full, image]) => {
      context.signal.throwIfAborted()
      const found = paths.get(full)
      const info = found === undefined ? undefined : await context.probe(found)
      const path = found ?? `${files.root}images/${safeMediaName(full)}.jpg`
      return {
        subset: files.subset,
        id: ids.get(full) ?? full,
        media: [{ role: 'primary', path, ...info, kind: 'image' as const }],
        layers: { [GROUND_TRUTH]: draftsOf(image) },
      }
    })
  }
}

function draftsOf({ person, positives, negatives, landmarks }: ListedImage): AnnotationDraft[] {
  const category = person === undefined ? {} : { category: person }
  const attributes = {
    ...(positives.length > 0 && { positive_pairs: positives }),
    ...(negatives.length > 0 && { negative_pairs: negatives }),
  }
  const hasPairs = Object.keys(attributes).length > 0
  const points = landmarks.map((numbers): AnnotationDraft => ({
    type: 'points',
    ...category,
    points: numbers,
    visibility: Array.from({ length: numbers.length / 2 }, () => 2),
  }))
  return person === undefined
    ? points
    : [{ type: 'label', ...category, ...(hasPairs && { attributes }) }, ...points]
}
