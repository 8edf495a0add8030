import { diffTrees, editTree, getEntry, type ObjectStore, type TreeEdit } from '@dsv/store'
import { checkoutWouldOverwrite } from '../errors.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { decodePath } from '../record/file-record.ts'
import { isSameEntry } from '../stage/replace-tree.ts'

/**
 * Returns the stage after HEAD moves from `last` to `goal`: the goal, with what was staged on top of
 * `last`. A path or dataset that was staged must be alike in `last` and `goal`, or be staged as it is
 * in `goal`.
 *
 * @throws `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function carryStage(
  store: ObjectStore,
  {
    last,
    stage,
    goal,
  }: { readonly last: Snapshot; readonly stage: Snapshot; readonly goal: Snapshot },
): Promise<Snapshot> {
  const blocked: string[] = []
  const edits: TreeEdit[] = []
  for await (const { key, from, to } of diffTrees(store, last.files, stage.files)) {
    const there = await getEntry(store, goal.files, key)
    const isSame = (a: typeof there, b: typeof there): boolean =>
      a === undefined || b === undefined ? a === b : isSameEntry(a, b)
    if (isSame(there, to)) continue
    if (isSame(there, from)) edits.push({ key, entry: to })
    else blocked.push(decodePath(key))
  }
  const datasets = new Map(goal.datasets)
  for (const path of new Set([...last.datasets.keys(), ...stage.datasets.keys()])) {
    const [from, to, there] = [last, stage, goal].map((each) => each.datasets.get(path))
    if (from === to || there === to) continue
    if (there !== from) blocked.push(path)
    else if (to === undefined) datasets.delete(path)
    else datasets.set(path, to)
  }
  if (blocked.length > 0) throw checkoutWouldOverwrite(blocked)
  return { files: await editTree(store, goal.files, edits), datasets }
}
