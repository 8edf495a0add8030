import { toBlobId } from '@dsv/store'
import { decodeDataset } from '../record/dataset-record.ts'
import type { Repository } from '../repository/repository.ts'
import type { ComparedStage } from '../repository/with-compared-tree.ts'
import { meaningId } from '../repository/reformatted.ts'
import { changesBelow, contentId } from './content-id.ts'
import { withKnownBlobs } from './known-blobs.ts'

/**
 * Returns the id of what the dataset at a path means, `dataset:…`, where that is known without reading it; else what
 * {@link contentId} says.
 */
export async function meaningOf(compared: ComparedStage, at: string): Promise<string | undefined> {
  const { state, reader, known } = compared
  const id = state.work.stage.datasets.get(at)
  if (id !== undefined && changesBelow(compared, at).length === 0)
    return meaningId(decodeDataset(await reader.getObject('dataset', id)))
  const content = await contentId(compared, at)
  if (content === undefined) return undefined
  const kept = known.results.get(nameOf(at), [digestOf(content)])
  return typeof kept === 'string' ? kept : content
}

/** Remembers what the files at a path mean. */
export async function rememberMeaning(
  repository: Repository,
  at: string,
  content: string,
  meaning: string,
): Promise<void> {
  await withKnownBlobs(repository, async ({ results }) =>
    results.put(nameOf(at), [digestOf(content)], meaning),
  )
}

function nameOf(at: string): string {
  return `meaning of ${at}`
}

/** The cache takes ids alone. */
function digestOf(content: string): ReturnType<typeof toBlobId> {
  return toBlobId(content.slice(content.indexOf(':') + 1))
}
