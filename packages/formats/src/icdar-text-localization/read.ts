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
import { type LabelledItem, planLabelFiles } from '../shared/label-files.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import { idOfLabelFile } from './label-name.ts'
import { layoutToJson } from './layout.ts'
import { parseTextRow, type RowStyle, styleOf, type TextRow } from './text-row.ts'

const FILES_AT_ONCE = 16

/** Reads the located texts of ICDAR. @throws `DSV_FORMAT_SYNTAX` with file and line */
export async function readIcdarTextLocalization(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const { roots, items } = planLabelFiles(await folder.list(), idOfLabelFile)
  const stems = await stemFinder(folder)
  return {
    schema: EMPTY_SCHEMA,
    layout: layoutToJson({ roots, style: await findStyle(folder, items) }),
    items: readAhead(items, FILES_AT_ONCE, async (item) => readItem(folder, item, stems, context)),
  }
}

const STYLE_FILES = 32

/** The first row with a text says how rows are written. */
async function findStyle(
  folder: Folder,
  items: readonly LabelledItem[],
): Promise<RowStyle | undefined> {
  const labels = items.flatMap(({ label }) => label ?? [])
  for (const path of labels.slice(0, STYLE_FILES)) {
    const text = Buffer.from(await folder.read(path)).toString('utf8')
    for (const line of text.replace('\ufeff', '').split(/\r?\n/u)) {
      const style = styleOf(line)
      if (style !== undefined) return style
    }
  }
  return undefined
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
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    layers: { [GROUND_TRUTH]: await readRows(folder, label, context) },
  }
}

async function readRows(
  folder: Folder,
  path: string | undefined,
  context: ReadContext,
): Promise<readonly AnnotationDraft[]> {
  const drafts: AnnotationDraft[] = []
  if (path === undefined) return drafts
  try {
    const { lines } = splitLines(decodeText(await folder.read(path), path))
    for (const [at, line] of lines.entries()) {
      if (line.trim() === '') continue
      const row = parseTextRow(line)
      if (row !== undefined) drafts.push(draftOf(row))
      else {
        const problem = `line ${at + 1} should be four or eight numbers, and a text`
        skipOrThrow(formatSyntax(path, problem), path, context)
      }
    }
  } catch (error) {
    skipOrThrow(error, path, context)
  }
  return drafts
}

function draftOf({ numbers, text }: TextRow): AnnotationDraft {
  const common = text === '' ? {} : { attributes: { text } }
  const [x = 0, y = 0, right = 0, bottom = 0] = numbers
  if (numbers.length === 8) return { type: 'polygon', parts: [[numbers]], ...common }
  return { type: 'box', x, y, width: right - x, height: bottom - y, ...common }
}
