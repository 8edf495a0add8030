import {
  type AnnotationDraft,
  type CategoryKey,
  type DatasetStream,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { categoriesNamed } from '../shared/class-names.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { decodeText } from '../shared/text-reader.ts'
import { type DotaItem, findDotaFolders, planItems } from './find-files.ts'
import { type DotaRow, headerAttributes, type LabelFile, parseLabelFile } from './label-file.ts'
import { layoutToJson } from './layout.ts'

const FILES_AT_ONCE = 16
const NOTHING: LabelFile = { header: new Map(), rows: [] }

/**
 * Reads DOTA. The files of labels are looked through twice, first for the classes.
 *
 * @throws `DSV_FORMAT_SYNTAX` with file and line
 */
export async function readDota(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const paths = await folder.list()
  const folders = findDotaFolders(paths)
  const planned = planItems(paths, folders)
  const names = new Set<CategoryKey>()
  const labels = planned.flatMap(({ label }) => label ?? [])
  const classes = readAhead(labels, FILES_AT_ONCE, async (label) => {
    context.signal.throwIfAborted()
    return readLabels(folder, label, context)
  })
  for await (const { rows } of classes) {
    for (const { className } of rows) if (className !== '') names.add(className)
  }
  const stems = await stemFinder(folder)
  // What is wrong with a whole file was reported before.
  const quiet: ReadContext = { ...context, onProblem: () => {} }
  return {
    schema: { categories: categoriesNamed(names), attributes: [], info: {} },
    layout: layoutToJson(folders),
    items: readAhead(planned, FILES_AT_ONCE, async (item) => {
      context.signal.throwIfAborted()
      const { label } = item
      const said = label === undefined ? NOTHING : await readLabels(folder, label, quiet)
      return readItem(item, said, stems, context)
    }),
  }
}

async function readLabels(folder: Folder, path: string, context: ReadContext): Promise<LabelFile> {
  try {
    return parseLabelFile(decodeText(await folder.read(path), path))
  } catch (error) {
    skipOrThrow(error, path, context)
    return NOTHING
  }
}

async function readItem(
  { folders, id, label = '' }: DotaItem,
  { header, rows }: LabelFile,
  stems: StemFinder,
  context: ReadContext,
): Promise<SourceItem> {
  const images = `${folders.root}images/`
  const found = stems.find(id, [images])
  const info = found === undefined ? undefined : await context.probe(found)
  const drafts: AnnotationDraft[] = []
  for (const row of rows) {
    try {
      drafts.push(readRow(row, label))
    } catch (error) {
      skipOrThrow(error, label, context)
    }
  }
  return {
    subset: folders.subset,
    id,
    media: [{ role: 'primary', path: found ?? `${images}${id}.png`, ...info, kind: 'image' }],
    ...(header.size > 0 && { attributes: headerAttributes(header) }),
    layers: { [GROUND_TRUTH]: drafts },
  }
}

function readRow({ line, corners, className, difficulty }: DotaRow, file: string): AnnotationDraft {
  if (corners.length !== 8 || className === '') {
    throw formatSyntax(file, `line ${line} should be eight numbers, a class and a difficulty`)
  }
  return {
    type: 'quad',
    points: corners,
    category: className,
    ...(difficulty !== undefined && { attributes: { difficulty } }),
  }
}
