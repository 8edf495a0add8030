import {
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
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { decodeText, splitLines } from '../shared/text-reader.ts'
import { findMarket1501Files, type Market1501Files, QUERY } from './find-images.ts'
import { parsePersonName } from './person-name.ts'

const FILES_AT_ONCE = 16

/** Reads images of people; their names become attributes. @throws `DSV_FORMAT_SYNTAX` */
export async function readMarket1501(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = await findMarket1501Files(folder)
  if (files.drawn !== undefined) context.onLoss({ what: 'images of gt_bbox', where: files.drawn })
  const listed = new Map<string, NamedImage>()
  for (const list of files.lists) {
    try {
      const { lines } = splitLines(decodeText(await folder.read(list.path), list.path))
      for (const [at, line] of lines.entries()) {
        if (line === '') continue
        if (safeMediaName(line) !== line || !line.includes('/')) {
          throw formatSyntax(list.path, `line ${at + 1} should be the path of an image: ${line}`)
        }
        listed.set(files.root + line, { subset: list.subset, path: files.root + line })
      }
    } catch (error) {
      skipOrThrow(error, list.path, context)
    }
  }
  const images = [...listed.values(), ...files.images.filter(({ path }) => !listed.has(path))]
  return {
    schema: EMPTY_SCHEMA,
    layout: { version: 1, root: files.root },
    items: readAhead(withIds(images, files), FILES_AT_ONCE, async (image) =>
      readItem(folder, image, context),
    ),
  }
}

interface NamedImage {
  readonly subset: string
  readonly path: string
}

interface ReadImage extends NamedImage {
  readonly id: string
  readonly attributes: SourceItem['attributes']
}

function* withIds(images: readonly NamedImage[], { root }: Market1501Files): Generator<ReadImage> {
  const used = new Set<string>()
  for (const { subset, path } of images) {
    const full = withoutExtension(path.slice(root.length))
    const slash = full.indexOf('/')
    const stem = full.slice(slash + 1)
    const start = stem.lastIndexOf('/') + 1
    const known = parsePersonName(stem.slice(start))
    const short = stem.slice(0, start) + (known?.rest ?? '')
    const names = known === undefined || known.rest === '' ? [stem, full] : [short, stem, full]
    const id = names.find((name) => !used.has(`${subset}\0${name}`)) ?? path
    used.add(`${subset}\0${id}`)
    const query = full.startsWith(`${QUERY}/`)
    yield { subset, path, id, attributes: known && { ...known.attributes, query } }
  }
}

async function readItem(
  folder: Folder,
  { subset, id, path, attributes }: ReadImage,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const info = (await folder.has(path)) ? await context.probe(path) : undefined
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...info, kind: 'image' }],
    ...(attributes !== undefined && { attributes }),
    layers: { [GROUND_TRUTH]: [] },
  }
}
