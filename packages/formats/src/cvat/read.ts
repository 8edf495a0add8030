import {
  type DatasetStream,
  type Folder,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { mediaFinder } from '../shared/media-finder.ts'
import { noneFound } from '../shared/none-found.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { elementToJson, type XmlElement } from '../shared/xml-element.ts'
import { findCvatFiles } from './find-files.ts'
import { idRegister } from './item-names.ts'
import { type CvatFileLayout, layoutToJson } from './layout.ts'
import { readItems } from './read-items.ts'
import { categoriesOf, type CvatLabels } from './read-labels.ts'
import { type CvatScan, scanCvatFile } from './scan-file.ts'

/**
 * Reads CVAT XML 1.1. Each file is looked through once for its labels and frames; then items are read
 * as a stream. A file with tracks is read once for each 200,000 of its shapes.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the file and the line
 */
export async function readCvat(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const paths = await findCvatFiles(folder)
  if (paths.length === 0) {
    const problem = 'should have <annotations> as its root'
    const wanted = { usual: 'annotations.xml', suffixes: ['.xml'], problem }
    const error = await noneFound(folder, wanted)
    skipOrThrow(error, String(error.details['file']), context)
  }
  const labels: CvatLabels = new Map()
  const scans: CvatScan[] = []
  for (const path of paths) scans.push(await scanCvatFile(folder, path, labels, context))
  const files = scans.map(({ path, frames, subset }): CvatFileLayout => {
    return { path, variant: frames === undefined ? 'images' : 'video', subset }
  })
  const info = scans.flatMap(({ path, meta }): [string, Json][] => {
    return meta === undefined ? [] : [[path, elementToJson(withoutLabels(meta))]]
  })
  return {
    schema: {
      categories: categoriesOf(labels),
      attributes: [],
      info: info.length === 0 ? {} : { cvat: Object.fromEntries(info) },
    },
    layout: files.length === 0 ? null : layoutToJson({ version: 1, files }),
    items: readAll(folder, scans, labels, context),
  }
}

async function* readAll(
  folder: Folder,
  scans: readonly CvatScan[],
  labels: CvatLabels,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const media = await mediaFinder(folder)
  const shared = { folder, labels, media, ids: idRegister(), isOnly: scans.length === 1, context }
  for (const scan of scans) yield* readItems({ ...shared, scan })
}

/** Labels are categories; the rest of `<meta>` is kept as it is. */
function withoutLabels(meta: XmlElement): XmlElement {
  return {
    ...meta,
    children: meta.children.map((about) => ({
      ...about,
      children: about.children.map((child) =>
        child.name === 'labels' ? { ...child, children: [], text: '' } : child,
      ),
    })),
  }
}
