// A folder of many files through a day's work: add, look, change one, change 1 %, compare, go back.
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { folderDigest } from '../measure/folder-digest.mjs'
import { folderSize } from '../measure/folder-size.mjs'
import { copyFolder } from './floors.mjs'
import { expectEqual, expectPaths } from './recorder.mjs'
import { together } from './together.mjs'

/** What the working tree must look like after each step, by SHA-256; independent of all tools. */
export function fileVersions(shape, scale, source, scratch) {
  const names = shape.names(scale)
  const one = [names[Math.floor(names.length / 2)]]
  const percent = names.filter((_, n) => n % 100 === 7)
  const digests = [folderDigest(source)]
  copyFolder(source, scratch)
  for (const name of one) shape.edit(scratch, name, 1)
  digests.push(folderDigest(scratch))
  for (const name of percent) shape.edit(scratch, name, 2)
  digests.push(folderDigest(scratch))
  rmSync(scratch, { recursive: true, force: true })
  return { one, percent, digests }
}

/** Measures one tool in a fresh repository below `folder`. */
export async function measureFiles(recorder, tool, { shape, source, folder, versions }) {
  const data = path.join(folder, 'data')
  const { one, percent, digests } = versions
  const measure = (operation, work, check) => recorder.measure(tool, operation, work, check)
  const treeIs = (version) => () =>
    expectEqual('digest of the working tree', folderDigest(data), digests[version])
  const store = () => folderSize(path.join(folder, tool.storeFolder))
  const addAndCommit = (message) => () =>
    together(
      () => tool.addAgain(folder),
      () => tool.commit(folder, message),
    )
  const statusIs = (changed) => (cost) => {
    const found = tool.readStatus(cost)
    if (changed.length === 0) return expectEqual('clean', found.isClean, true)
    if (found.changed === undefined) return expectEqual('clean', found.isClean, false)
    return expectPaths('status', found.changed, inData(changed))
  }

  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFolder(source, data)
  const started = await measure('init', () => tool.init(folder))
  if (started === undefined) return
  const added = await measure(
    'add + commit, first',
    () =>
      together(
        () => tool.add(folder, shape),
        () => tool.commit(folder, 'first'),
      ),
    treeIs(0),
  )
  if (added === undefined) return
  const first = store()
  recorder.note(tool, 'store after the first commit', first)
  for (let n = 0; n < 3; n++)
    await measure('status, no change', () => tool.status(folder), statusIs([]))
  await measure('add again, no change', () => tool.addAgain(folder))

  for (const name of one) shape.edit(data, name, 1)
  await measure('status, 1 changed', () => tool.status(folder), statusIs(one))
  await measure('add + commit, 1 changed', addAndCommit('one'), treeIs(1))
  recorder.note(tool, 'store grown by 1 changed', difference(store(), first))
  await measure('status after commit', () => tool.status(folder), statusIs([]))

  for (const name of percent) shape.edit(data, name, 2)
  await measure('status, 1 % changed', () => tool.status(folder), statusIs(percent))
  await measure('add + commit, 1 % changed', addAndCommit('percent'), treeIs(2))

  const diffIs = (changed) => (cost) => expectPaths('diff', tool.readDiff(cost), inData(changed))
  await measure('diff, 1 file', () => tool.diff(folder, 'main~2', 'main~1'), diffIs(one))
  await measure('diff, 1 %', () => tool.diff(folder, 'main~1', 'main'), diffIs(percent))
  await measure('switch, 1 %', () => tool.goTo(folder, 'main~1'), treeIs(1))
  await measure('switch, 1 file', () => tool.goTo(folder, 'main~2'), treeIs(0))
  await measure('switch, back to the branch', () => tool.goTo(folder, 'main'), treeIs(2))
  await measure('status after switch', () => tool.status(folder), statusIs([]))

  rmSync(data, { recursive: true, force: true })
  await measure('checkout into an empty tree', () => tool.restoreAll(folder), treeIs(2))
  await measure('status after checkout', () => tool.status(folder), statusIs([]))
  await measure('gc, nothing to do', () => tool.gc(folder), treeIs(2))
  recorder.note(tool, 'store at the end', store())
}

function inData(names) {
  return names.map((name) => `data/${name}`)
}

function difference(after, before) {
  return {
    files: after.files - before.files,
    bytes: after.bytes - before.bytes,
    diskBytes: after.diskBytes - before.diskBytes,
  }
}
