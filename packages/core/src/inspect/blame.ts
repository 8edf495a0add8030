import { hashBlob, getEntry, type ObjectId, type ObjectReader, type TreeEntry } from '@dsv/store'
import { itemUnknown } from '../errors.ts'
import { type Blame, blameItem, type BlameReader } from '../history/blame-item.ts'
import type { ItemKey } from '../model/item.ts'
import type { Commit } from '../record/commit-record.ts'
import { decodeAnnotations } from '../record/annotation-record.ts'
import { type DatasetRecord, decodeDataset } from '../record/dataset-record.ts'
import { encodeItemKey } from '../record/item-key.ts'
import type { Repository } from '../repository/repository.ts'
import { resolveCommit, repositoryCommits } from '../repository/revisions.ts'
import { datasetOf, onlyDatasetPath } from './snapshot-at.ts'

/** Which item is blamed. */
export interface BlameRequest {
  /** Default `HEAD`. */
  readonly revision?: string
  /** May be left out where there is only one. */
  readonly dataset?: string
  readonly item: ItemKey
}

/** Where an annotation of the item got the form it has. */
export interface BlamedAnnotation extends Blame {
  /** The path of its dataset. */
  readonly dataset: string
  readonly layer: string
  readonly commit: Commit
}

/**
 * Returns for each annotation of an item, layer by layer and in its order, the commit that gave it its
 * present form.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_DATASET_UNKNOWN`, `DSV_DATASET_UNNAMED`, `DSV_ITEM_UNKNOWN`
 */
export async function blame(
  repository: Repository,
  { revision = 'HEAD', dataset, item }: BlameRequest,
): Promise<readonly BlamedAnnotation[]> {
  const { objects } = repository.store
  const commitId = await resolveCommit(repository, revision)
  const commit = await repository.commit(commitId)
  const path = onlyDatasetPath(commit, dataset)
  const record = await datasetOf(objects, commit, path)
  if ((await getEntry(objects, record.items, encodeItemKey(item))) === undefined)
    throw itemUnknown(path, item)
  const commits = new Map<ObjectId, Commit>()
  const blamed: BlamedAnnotation[] = []
  for (const layer of [...record.layers.keys()].toSorted()) {
    const found = await blameItem(layerReader(repository, path, layer, commits), commitId, item)
    for (const each of found) {
      const guilty = commits.get(each.commitId) ?? (await repository.commit(each.commitId))
      blamed.push({ ...each, dataset: path, layer, commit: guilty })
    }
  }
  return blamed
}

/** Reads one layer of one dataset in the commits of a history. */
function layerReader(
  repository: Repository,
  path: string,
  layer: string,
  commits: Map<ObjectId, Commit>,
): BlameReader {
  const { objects } = repository.store
  const read = async (commitId: ObjectId): Promise<Commit> => {
    const known = commits.get(commitId)
    if (known !== undefined) return known
    const commit = await repositoryCommits(repository).commit(commitId)
    commits.set(commitId, commit)
    return commit
  }
  const entryAt = async (commitId: ObjectId, key: ItemKey): Promise<TreeEntry | undefined> => {
    const dataset = await datasetIn(objects, await read(commitId), path)
    const tree = dataset?.layers.get(layer)
    return tree && getEntry(objects, tree, encodeItemKey(key))
  }
  return {
    commit: read,
    entryDigestAt: async (commitId, key) => {
      repository.environment.signal.throwIfAborted()
      const entry = await entryAt(commitId, key)
      return entry && hashBlob(Buffer.concat([entry.value, Buffer.from(entry.links.join())]))
    },
    annotationsAt: async (commitId, key) => {
      const entry = await entryAt(commitId, key)
      return entry && decodeAnnotations(entry)
    },
  }
}

async function datasetIn(
  reader: ObjectReader,
  commit: Commit,
  path: string,
): Promise<DatasetRecord | undefined> {
  const datasetId = commit.datasets.get(path)
  return datasetId && decodeDataset(await reader.getObject('dataset', datasetId))
}
