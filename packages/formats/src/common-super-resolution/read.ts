import {
  type AnnotationDraft,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { readAhead } from '../shared/read-ahead.ts'
import { findImagePairs, type ImagePair, ROLE_FOLDERS } from './pairs.ts'

const FILES_AT_ONCE = 16

/** Reads Common Super Resolution; memory grows with the list of files. */
export async function readCommonSuperResolution(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const pairs = findImagePairs(await folder.list())
  return {
    schema: EMPTY_SCHEMA,
    layout: { version: 1, hasSubsets: pairs.some(({ subset }) => subset !== 'default') },
    items: readAhead(pairs, FILES_AT_ONCE, async (pair) => readItem(pair, context)),
  }
}

async function readItem(
  { subset, id, images }: ImagePair,
  context: ReadContext,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const media: SourceMedia[] = []
  const drafts: AnnotationDraft[] = []
  for (const role of ROLE_FOLDERS.keys()) {
    const path = images.get(role)
    if (path === undefined) continue
    media.push({ role, path, ...(await context.probe(path)), kind: 'image' })
    if (role === 'high-resolution') drafts.push({ type: 'reference', role, path })
  }
  return { subset, id, media, layers: { [GROUND_TRUTH]: drafts } }
}
