import { editTree, type TreeEdit, type WriteSession } from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { conflictChoiceInvalid, conflictUnknown, nothingPending } from '../errors.ts'
import type { Loss } from '../format/format-adapter.ts'
import type { Conflict, ConflictChoice, ItemConflict, MediaConflict } from '../merge/conflict.ts'
import { withPathsOf } from '../merge/media-paths.ts'
import {
  resolveAnnotationConflict,
  resolveItemConflict,
  resolveSchemaConflict,
} from '../merge/resolve-conflict.ts'
import type { AnnotatedItem, ItemKey } from '../model/item.ts'
import type { Schema } from '../model/schema.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { type DatasetRecord, decodeDataset, encodeDataset } from '../record/dataset-record.ts'
import { encodeFile, encodePath } from '../record/file-record.ts'
import { readConflicts, writeConflicts } from '../stage/conflicts.ts'
import { editsToward } from '../stage/restage.ts'
import { afterMove } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { annotatedItemAt } from './dataset-view.ts'
import { withoutFilledFolders } from './without-filled-folders.ts'
import { rewriteDataset } from './render-dataset.ts'
import type { Repository, Transaction } from './repository.ts'
import { snapshotOf } from './snapshot-of.ts'
import { clashesWith } from './type-clashes.ts'
import { withItems } from './with-items.ts'

/** Which conflicts to settle, and how. */
export interface ResolveRequest {
  readonly choice: ConflictChoice
  /** Called for each open conflict, with its number as `status` shows it (from 1). Default: all. */
  readonly select?: (conflict: Conflict, number: number) => boolean
}

/** What was settled. */
export interface ResolveOutcome {
  readonly resolved: readonly Conflict[]
  /** The conflicts that are still open. */
  readonly left: readonly Conflict[]
  readonly losses: readonly Loss[]
}

/**
 * Settles conflicts of a merge, cherry-pick or revert: changes the stage and the files that hold the
 * annotations in question. When none is left, `commit` finishes the merge.
 *
 * @throws `DSV_MERGE_NONE`, `DSV_CONFLICT_UNKNOWN`, `DSV_CONFLICT_CHOICE_INVALID`,
 *   `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function resolve(
  repository: Repository,
  { choice, select = () => true }: ResolveRequest,
): Promise<ResolveOutcome> {
  return withKnownBlobs(repository, async (known) =>
    repository.write(`resolve --${choice}`, async (transaction) => {
      const { state, session } = transaction
      const { merge } = state.work
      if (merge === undefined) throw nothingPending()
      const conflicts = await readConflicts(session, state.work)
      const resolved = conflicts.filter((conflict, at) => select(conflict, at + 1))
      if (resolved.length === 0) throw conflictUnknown(conflicts.length)
      const left = conflicts
        .filter((conflict) => !resolved.includes(conflict))
        .map((conflict) => followed(conflict, resolved, choice))
      const losses: Loss[] = []
      const stage = await settle(repository, transaction, resolved, choice, losses)
      const pending = { ...merge, conflicts: await writeConflicts(session, left) }
      const move = { from: state.work.stage.files, to: stage.files, datasets: stage.datasets }
      await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
        transaction.publish({ work: afterMove({ ...state.work, stage, merge: pending }, moved) }),
      )
      return { resolved, left, losses }
    }),
  )
}

async function settle(
  repository: Repository,
  transaction: Transaction,
  conflicts: readonly Conflict[],
  choice: ConflictChoice,
  losses: Loss[],
): Promise<Snapshot> {
  const { session, state } = transaction
  let { stage } = state.work
  for (const conflict of conflicts)
    if (conflict.kind === 'file')
      stage = await settleFile(repository, transaction, stage, conflict, choice)
  const datasets = new Map(stage.datasets)
  let { files } = stage
  for (const [path, group] of byDataset(conflicts)) {
    const id = datasets.get(path)
    if (id === undefined) continue
    const before = decodeDataset(await session.getObject('dataset', id))
    const after = await settleDataset(session, before, group, choice)
    const written = await rewriteDataset(repository, session, files, { path, before, after })
    files = written.files
    for (const loss of written.losses) losses.push(loss)
    datasets.set(path, await session.putObject('dataset', encodeDataset(written.dataset)))
  }
  return { files: await withoutFilledFolders(session, state.work.stage.files, files), datasets }
}

function byDataset(conflicts: readonly Conflict[]): Map<string, Conflict[]> {
  const groups = new Map<string, Conflict[]>()
  for (const conflict of conflicts)
    if (conflict.kind !== 'file')
      groups.set(conflict.where, [...(groups.get(conflict.where) ?? []), conflict])
  return groups
}

async function settleDataset(
  session: WriteSession,
  before: DatasetRecord,
  conflicts: readonly Conflict[],
  choice: ConflictChoice,
): Promise<DatasetRecord> {
  let schema: Schema = before.schema
  const items = new Map<string, { key: ItemKey; item: AnnotatedItem | undefined }>()
  const put = (key: ItemKey, item: AnnotatedItem | undefined): void => {
    items.set(textOf(key), { key: { subset: key.subset, id: key.id }, item })
  }
  // What is said of an item comes before where it goes: it is found under the key it has now.
  const ordered = [...conflicts.filter((each) => !isMove(each)), ...conflicts.filter(isMove)]
  for (const conflict of ordered) {
    if (conflict.kind === 'schema') schema = resolveSchemaConflict(schema, conflict, choice)
    if (conflict.kind === 'schema' || conflict.kind === 'file') continue
    const known = items.get(textOf(conflict.key))
    const item = known ? known.item : await annotatedItemAt(session, before, conflict.key)
    if (conflict.kind === 'annotation') {
      if (item === undefined) continue
      const list = resolveAnnotationConflict(item.layers[conflict.layer] ?? [], conflict, choice)
      put(conflict.key, { ...item, layers: { ...item.layers, [conflict.layer]: list } })
    } else if (isMove(conflict)) {
      const moved = movedItem(item, conflict, choice)
      put(conflict.key, undefined)
      if (moved !== undefined) put(moved, moved)
    } else put(conflict.key, resolveItemConflict(item, conflict, choice))
  }
  return withItems(session, { ...before, schema }, [...items.values()])
}

/** Both sides moved the item. */
function isMove({ kind, fields }: Conflict): boolean {
  return kind === 'item' && (fields.includes('subset') || fields.includes('id'))
}

/** A conflict that is left, under the key that its item has when the settled ones moved it. */
function followed(
  conflict: Conflict,
  resolved: readonly Conflict[],
  choice: ConflictChoice,
): Conflict {
  if (conflict.kind === 'schema' || conflict.kind === 'file') return conflict
  for (const each of resolved) {
    if (each.kind !== 'item' || !isMove(each) || each.where !== conflict.where) continue
    const place = choice === 'both' ? null : each[choice]
    if (place !== null && textOf(each.key) === textOf(conflict.key))
      return { ...conflict, key: { subset: place.subset, id: place.id } }
  }
  return conflict
}

/** The item where the chosen side has it. */
function movedItem(
  item: AnnotatedItem | undefined,
  conflict: ItemConflict | MediaConflict,
  choice: ConflictChoice,
): AnnotatedItem | undefined {
  if (choice === 'both') throw conflictChoiceInvalid(conflict.kind, choice)
  const place = conflict[choice]
  if (conflict.kind !== 'item' || place === null || !('subset' in place)) return item
  return (
    item && {
      ...item,
      subset: place.subset,
      id: place.id,
      media: withPathsOf(item.media, item.media, place.media),
    }
  )
}

function textOf({ subset, id }: ItemKey): string {
  return `${subset}\0${id}`
}

async function settleFile(
  repository: Repository,
  { session, state }: Transaction,
  stage: Snapshot,
  conflict: Extract<Conflict, { kind: 'file' }>,
  choice: ConflictChoice,
): Promise<Snapshot> {
  if (conflict.fields.includes('dataset'))
    return settleWholeDataset(repository, { session, state }, stage, conflict.key, choice)
  const chosen = choice === 'both' ? (conflict.ours ?? conflict.theirs) : conflict[choice]
  const key = encodePath(conflict.key)
  if (chosen === null)
    return { ...stage, files: await editTree(session, stage.files, [{ key, entry: undefined }]) }
  const clashes = await clashesWith(session, stage.files, conflict.key)
  // A file and a folder of one name cannot both be there.
  if (choice === 'both' && clashes.length > 0) throw conflictChoiceInvalid('file', choice)
  const edits = clashes.map((path): TreeEdit => ({ key: encodePath(path), entry: undefined }))
  edits.push({ key, entry: encodeFile(conflict.key, chosen) })
  const sorted = edits.toSorted((a, b) => Buffer.compare(a.key, b.key))
  return { ...stage, files: await editTree(session, stage.files, sorted) }
}

/** One side deleted a dataset that the other changed: the whole of it is as on the chosen side. */
async function settleWholeDataset(
  repository: Repository,
  { session, state }: Pick<Transaction, 'session' | 'state'>,
  stage: Snapshot,
  path: string,
  choice: ConflictChoice,
): Promise<Snapshot> {
  const sides = [
    await snapshotOf(repository, state.headCommit),
    await snapshotOf(repository, state.work.merge?.heads[0]),
  ]
  const kept = sides.find((side) => side.datasets.has(path))
  const side = choice === 'ours' ? sides[0] : choice === 'theirs' ? sides[1] : kept
  if (side === undefined) return stage
  const datasets = new Map(stage.datasets)
  const id = side.datasets.get(path)
  if (id === undefined) datasets.delete(path)
  else datasets.set(path, id)
  const edits = await editsToward(session, stage.files, side.files, [path])
  return { files: await editTree(session, stage.files, edits), datasets }
}
