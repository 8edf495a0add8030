// Fifty commits of 1 %: what a year of relabelling costs.
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { folderDigest } from '../measure/folder-digest.mjs'
import { folderSize } from '../measure/folder-size.mjs'
import { copyFolder } from './floors.mjs'
import { expectEqual } from './recorder.mjs'
import { together } from './together.mjs'

const COMMITS = 50

/** Measures one tool in a fresh repository below `folder`. */
export async function measureHistory(recorder, tool, { shape, scale, source, folder }) {
  const data = path.join(folder, 'data')
  const names = shape.names(scale)
  const measure = (operation, work, check) => recorder.measure(tool, operation, work, check)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFolder(source, data)
  const digest = folderDigest(data)
  await tool.init(folder)
  const added = await measure('add + commit, first', () =>
    together(
      () => tool.add(folder, shape),
      () => tool.commit(folder, 'first'),
    ),
  )
  if (added === undefined) return
  for (let edit = 1; edit <= COMMITS; edit++) {
    for (let n = edit % 100; n < names.length; n += 100) shape.edit(data, names[n], edit)
    const done = await measure('add + commit, 1 % changed', () =>
      together(
        () => tool.addAgain(folder),
        () => tool.commit(folder, `edit ${edit}`),
      ),
    )
    if (done === undefined) return
  }
  recorder.note(tool, 'store after 50 commits', folderSize(path.join(folder, tool.storeFolder)))
  await measure(
    'log',
    () => tool.log(folder),
    ({ stdout }) => expectEqual('number of commits', stdout.trim().split('\n').length, COMMITS + 1),
  )
  await measure(
    'status, no change',
    () => tool.status(folder),
    (cost) => expectEqual('clean', tool.readStatus(cost).isClean, true),
  )
  await measure('gc, nothing to drop', () => tool.gc(folder))
  recorder.note(tool, 'store after gc', folderSize(path.join(folder, tool.storeFolder)))
  await measure(
    `switch, ${COMMITS} commits back`,
    () => tool.goTo(folder, `main~${COMMITS}`),
    () => expectEqual('digest of the working tree', folderDigest(data), digest),
  )
}
