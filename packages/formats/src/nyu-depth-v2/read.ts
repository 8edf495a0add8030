import {
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { extensionOf, withoutExtension } from '../media/media-kind.ts'
import { SUBSET_FOLDERS } from '../shared/class-folders.ts'
import { formatNpy } from '../shared/npy-file.ts'
import { pngOfPixels } from '../shared/raw-pixels.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { readDepthImage } from './hdf5-file.ts'

/** Each file is a few mebibytes, and many times as much when it is read. */
const FILES_AT_ONCE = 2

/** Reads HDF5 files, an item each. @throws `DSV_FORMAT_SYNTAX` */
export async function readNyuDepthV2(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const files = (await folder.list()).filter((path) => extensionOf(path) === 'h5')
  return { schema: EMPTY_SCHEMA, layout: null, items: readItems(folder, files, context) }
}

async function* readItems(
  folder: Folder,
  files: readonly string[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const items = readAhead(files, FILES_AT_ONCE, async (path) => {
    context.signal.throwIfAborted()
    try {
      return itemOf(path, await folder.read(path))
    } catch (error) {
      skipOrThrow(error, path, context)
      return undefined
    }
  })
  for await (const item of items) if (item !== undefined) yield item
}

function itemOf(path: string, bytes: Uint8Array): SourceItem {
  const { width, height, pixels, depth, isDouble } = readDepthImage(bytes, path)
  const stem = withoutExtension(path)
  const slash = stem.indexOf('/')
  const isInSubset = SUBSET_FOLDERS.has(stem.slice(0, Math.max(0, slash)).toLowerCase())
  const depthPath = `${stem}.depth.npy`
  const image = { width, height, channels: 3 } as const
  return {
    subset: isInSubset ? stem.slice(0, slash) : 'default',
    id: isInSubset ? stem.slice(slash + 1) : stem,
    media: [
      {
        role: 'primary',
        path: `${stem}.png`,
        kind: 'image',
        ...image,
        content: async () => pngOfPixels({ ...image, data: pixels }),
      },
      {
        role: 'depth',
        path: depthPath,
        kind: 'other',
        width,
        height,
        content: async () => formatNpy(depth, [height, width], isDouble ? '<f8' : '<f4'),
      },
    ],
    layers: {
      [GROUND_TRUTH]: [{ type: 'reference', role: 'depth', path: depthPath, unit: 'm' }],
    },
  }
}
