import {
  type AnnotationDraft,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  isDsvError,
  type Mask,
  maskGeometry,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { decodeBmp } from '../media/bmp.ts'
import { colorNumber } from '../shared/label-colors.ts'
import { type LabelledItem, planLabelFiles } from '../shared/label-files.ts'
import { type LabelPlane, planeMasks, UNLABELLED } from '../shared/label-plane.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { subsetRootsToJson } from '../shared/subset-roots.ts'
import { decodeText } from '../shared/text-reader.ts'
import { bitmapOf, idOfLetters } from './letter-files.ts'
import { type Letter, parseLetters } from './letters.ts'

const FILES_AT_ONCE = 4
const WHITE = 0xff_ff_ff

/** Reads the segmented texts of ICDAR, some images at a time. @throws `DSV_FORMAT_SYNTAX` */
export async function readIcdarTextSegmentation(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const { roots, items } = planLabelFiles(await folder.list(), idOfLetters)
  const stems = await stemFinder(folder)
  return {
    schema: EMPTY_SCHEMA,
    layout: subsetRootsToJson(roots),
    items: readAhead(items, FILES_AT_ONCE, async (item) => readItem(folder, item, stems, context)),
  }
}

async function readItem(
  folder: Folder,
  { subset, root, id, label }: LabelledItem,
  stems: StemFinder,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const found = stems.find(id, [`${root}images/`, root])
  const info = found === undefined ? undefined : await context.probe(found)
  const path = found ?? `${root}images/${id}.png`
  let drafts: readonly AnnotationDraft[] = []
  try {
    if (label !== undefined) drafts = await readLetters(folder, label, context)
  } catch (error) {
    skipOrThrow(error, label ?? '', context)
  }
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: drafts },
  }
}

async function readLetters(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<readonly AnnotationDraft[]> {
  const letters: Letter[] = []
  for (const { letter, problem } of parseLetters(decodeText(await folder.read(path), path))) {
    if (letter !== undefined) letters.push(letter)
    if (problem !== undefined) skipOrThrow(formatSyntax(path, problem), path, context)
  }
  if (letters.length === 0) return []
  const plane = await readPlane(folder, bitmapOf(path), path)
  const masks = new Map(planeMasks(plane))
  const empty: Mask = { ...plane, counts: [plane.width * plane.height] }
  const drafts = letters.map((letter) => {
    const color = colorNumber(letter.color)
    const mask = masks.get(color) ?? empty
    masks.delete(color)
    return draftOf(letter, mask)
  })
  if (masks.size > 0) context.onLoss({ what: 'pixels without letter', where: bitmapOf(path) })
  return drafts
}

async function readPlane(folder: Folder, path: string, letters: string): Promise<LabelPlane> {
  try {
    const { width, height, data } = decodeBmp(await folder.read(path), path)
    const values = new Int32Array(width * height)
    for (let y = 0, from = 0; y < height; y++) {
      for (let x = 0, at = y; x < width; x++, from += 3, at += height) {
        const [red = 0, green = 0, blue = 0] = [data[from], data[from + 1], data[from + 2]]
        const color = colorNumber([red, green, blue])
        values[at] = color === WHITE ? UNLABELLED : color
      }
    }
    return { width, height, values }
  } catch (error) {
    if (!isDsvError(error, 'DSV_FILE_NOT_FOUND')) throw error
    throw formatSyntax(letters, `has no image of its letters: there is no ${path}`, error)
  }
}

function draftOf({ color, center, box, text, word }: Letter, mask: Mask): AnnotationDraft {
  return {
    ...maskGeometry(mask),
    attributes: {
      color: color.join(' '),
      ...(text !== '' && { text }),
      ...(center !== undefined && { center }),
    },
    ...(box !== undefined && { box }),
    ...(word !== undefined && { group: word }),
  }
}
