import { type ComparedStage, decodePath } from '@dsv/core'
import { diffTrees, EMPTY_TREE, isDsvError, type ObjectReader, type TreeRef } from '@dsv/store'
import { PIPELINE_FILES } from '../read/pipeline-reader.ts'

/** What the cache remembers. */
interface KeptFiles {
  readonly files: TreeRef
  readonly paths: readonly string[]
}

const NAME = 'pipeline files'

/**
 * Returns the paths of the pipeline files of the working tree. Looks only at what changed in the stage since the last
 * time, and at what differs on disk.
 */
export async function pipelineFiles({
  reader,
  files,
  changes,
  known,
}: ComparedStage): Promise<readonly string[]> {
  const kept = known.results.get(NAME, [])
  const before = isKept(kept) ? kept : { files: EMPTY_TREE, paths: [] }
  const staged = await stagedFiles(reader, before, files)
  if (before.files.root !== files.root)
    await known.results.put(NAME, [], { files, paths: [...staged] })
  const found = new Set(staged)
  for (const { path, entry } of changes) {
    if (!isPipelineFile(path)) continue
    if (entry === undefined) found.delete(path)
    else found.add(path)
  }
  return [...found].toSorted()
}

async function stagedFiles(
  reader: ObjectReader,
  before: KeptFiles,
  files: TreeRef,
): Promise<ReadonlySet<string>> {
  try {
    return await changedFiles(reader, before, files)
  } catch (error) {
    // What a gc has removed meanwhile cannot be compared with.
    if (!isDsvError(error, 'DSV_OBJECT_NOT_FOUND')) throw error
    return changedFiles(reader, { files: EMPTY_TREE, paths: [] }, files)
  }
}

async function changedFiles(
  reader: ObjectReader,
  before: KeptFiles,
  files: TreeRef,
): Promise<ReadonlySet<string>> {
  const found = new Set(before.paths)
  for await (const { key, to } of diffTrees(reader, before.files, files)) {
    const path = decodePath(key)
    if (!isPipelineFile(path)) continue
    if (to === undefined) found.delete(path)
    else found.add(path)
  }
  return found
}

function isPipelineFile(path: string): boolean {
  return PIPELINE_FILES.includes(path.slice(path.lastIndexOf('/') + 1))
}

function isKept(value: unknown): value is KeptFiles {
  return (
    typeof value === 'object' &&
    value !== null &&
    'files' in value &&
    typeof value.files === 'object' &&
    value.files !== null &&
    'paths' in value &&
    Array.isArray(value.paths)
  )
}
