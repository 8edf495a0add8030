import type { Head, ObjectId, TreeRef } from '@dsv/store'
import { recoverWorkingTree } from '../checkout/move-working-tree.ts'
import type { SchemaDiff } from '../diff/diff-schema.ts'
import {
  type DiffSummary,
  diffSummarizer,
  isDiffSummary,
  type ItemDiff,
} from '../diff/summarize-diff.ts'
import type { Conflict } from '../merge/conflict.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { readConflicts } from '../stage/conflicts.ts'
import type { PendingMerge, WorkingFormat } from '../stage/work-state.ts'
import {
  type CompareContext,
  compareWorkingTree,
  type WorkingChange,
} from '../working-tree/compare-working-tree.ts'
import { readIgnoreRules } from '../working-tree/ignore-rules.ts'
import { type KeptBlobs, withKnownBlobs } from '../working-tree/known-blobs.ts'
import { isBelow } from '../working-tree/path-range.ts'
import { type FileDiff, diffSnapshots } from './diff-snapshots.ts'
import { hasFilesBelow } from './has-files-below.ts'
import { reformattedDatasets } from './reformatted.ts'
import type { Repository } from './repository.ts'
import type { ComparedStage } from './with-compared-tree.ts'
import { snapshotOf } from './snapshot-of.ts'

/** A dataset whose stage differs from the last commit. */
export interface StagedDatasetStatus {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly schema: SchemaDiff
  readonly summary: DiffSummary
}

/** A tracked path that differs on disk from the stage. */
export interface UnstagedPath {
  readonly path: string
  readonly change: 'modified' | 'deleted' | 'type'
  /** The dataset it lies in. */
  readonly dataset: string | undefined
}

/** What differs between the last commit, the stage and the disk. */
export interface Status {
  readonly head: Head
  readonly headCommit: ObjectId | undefined
  readonly merge: PendingMerge | undefined
  readonly conflicts: readonly Conflict[]
  readonly staged: {
    /** Files that no adapter claims. */
    readonly files: readonly FileDiff[]
    readonly datasets: readonly StagedDatasetStatus[]
  }
  readonly unstaged: readonly UnstagedPath[]
  /** Files, or folders (with a final `/`) of which nothing is tracked. */
  readonly untracked: readonly string[]
  /** Media files that a partial clone has left out; 0 in others. */
  readonly absent: number
  /** Datasets that are looked at in another format than they were committed in. */
  readonly formats: ReadonlyMap<string, WorkingFormat>
  /** Whether a checkout that was killed had to be taken back first. */
  readonly recovered: boolean
}

/** What is to be done beside. */
export interface StatusRequest {
  /** Is handed the comparison of stage and working tree, which then need not be made twice. */
  readonly inspect?: (compared: ComparedStage) => Promise<void>
}

/** Compares the last commit, the stage and the working tree. */
export async function status(
  repository: Repository,
  { inspect }: StatusRequest = {},
): Promise<Status> {
  return withKnownBlobs(repository, async (known) => {
    const recovered = await recoverWorkingTree(repository, known)
    const state = await repository.state()
    const { head, headCommit, work } = state
    const last = await snapshotOf(repository, headCommit)
    const changes: WorkingChange[] = []
    const onChange = (change: WorkingChange): unknown => inspect && changes.push(change)
    const disk = await compareDisk(repository, work.stage, known, onChange)
    const { files } = work.stage
    const { objects: reader } = repository.store
    await inspect?.({ root: repository.folder, reader, files, changes, known, state })
    return {
      head,
      headCommit,
      merge: work.merge,
      conflicts: await readConflicts(repository.store.objects, work),
      staged: await compareStage(repository, last, work.stage, known),
      ...disk,
      formats: work.formats,
      recovered,
    }
  })
}

async function compareStage(
  repository: Repository,
  last: Snapshot,
  stage: Snapshot,
  known: KeptBlobs,
): Promise<Status['staged']> {
  const { objects } = repository.store
  const difference = await diffSnapshots(objects, last, stage)
  const reformatted = await reformattedDatasets(objects, last, stage)
  const files: FileDiff[] = []
  for await (const file of difference.files()) if (file.dataset === undefined) files.push(file)
  const datasets: StagedDatasetStatus[] = []
  for (const { path, change, schema, items } of difference.datasets) {
    if (reformatted.includes(path)) continue
    const versions = [last.datasets.get(path), stage.datasets.get(path)]
    const summary = await summaryOf(path, versions, items(), known)
    datasets.push({ path, change, schema, summary })
  }
  return { files, datasets }
}

/** A new dataset is read as a whole to count what is in it: once, for it is asked again and again. */
async function summaryOf(
  path: string,
  versions: readonly (ObjectId | undefined)[],
  items: AsyncIterable<ItemDiff>,
  { results }: KeptBlobs,
): Promise<DiffSummary> {
  const name = `summary of ${path}`
  const kept = results.get(name, versions)
  if (isDiffSummary(kept)) return kept
  const summarizer = diffSummarizer()
  for await (const item of items) summarizer.add(item)
  const summary = summarizer.summary()
  await results.put(name, versions, summary)
  return summary
}

async function compareDisk(
  repository: Repository,
  stage: Snapshot,
  known: KeptBlobs,
  onChange: (change: WorkingChange) => unknown,
): Promise<Pick<Status, 'unstaged' | 'untracked' | 'absent'>> {
  let absent = 0
  const context: CompareContext = {
    root: repository.folder,
    reader: repository.store.objects,
    known,
    isIgnored: readIgnoreRules(repository.folder),
    signal: repository.environment.signal,
    ...(repository.isPartial && { onAbsent: () => (absent += 1) }),
  }
  const unstaged: UnstagedPath[] = []
  const added: string[] = []
  for await (const change of compareWorkingTree(stage.files, '', context)) {
    // The cache agrees with the stage only when it knows nothing of what differs.
    known.forget(change.path)
    onChange(change)
    if (change.before === undefined) added.push(change.path)
    else unstaged.push(unstagedPath(change, stage))
  }
  known.agree(stage.files)
  return { unstaged, untracked: await collapseUntracked(added, stage.files, context), absent }
}

function unstagedPath({ path, entry, before }: WorkingChange, stage: Snapshot): UnstagedPath {
  const dataset = [...stage.datasets.keys()].find((each) => isBelow(path, each))
  const isSameType =
    entry !== undefined && (entry.type === 'file') === (before !== undefined && 'blob' in before)
  const change = entry === undefined ? 'deleted' : isSameType ? 'modified' : 'type'
  return { path, change, dataset }
}

/** Names the topmost folder of which nothing is tracked instead of each file in it. */
async function collapseUntracked(
  added: readonly string[],
  files: TreeRef,
  { reader }: CompareContext,
): Promise<readonly string[]> {
  const tracked = new Map<string, boolean>()
  const isTracked = async (folder: string): Promise<boolean> => {
    const known = tracked.get(folder)
    if (known !== undefined) return known
    const found = await hasFilesBelow(reader, files, folder)
    tracked.set(folder, found)
    return found
  }
  const shown = new Set<string>()
  for (const path of added) {
    let name = path
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (await isTracked(path.slice(0, slash))) continue
      name = path.slice(0, slash + 1)
      break
    }
    shown.add(name)
  }
  return [...shown]
}

/** Returns whether nothing differs. */
export function isClean({ staged, unstaged, untracked, conflicts }: Status): boolean {
  return (
    staged.files.length === 0 &&
    staged.datasets.length === 0 &&
    unstaged.length === 0 &&
    untracked.length === 0 &&
    conflicts.length === 0
  )
}
