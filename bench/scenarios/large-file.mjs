// One file of many gigabytes, of which one byte changes.
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { folderDigest } from '../measure/folder-digest.mjs'
import { folderSize } from '../measure/folder-size.mjs'
import { copyFolder } from './floors.mjs'
import { expectEqual } from './recorder.mjs'
import { together } from './together.mjs'

/** Measures one tool in a fresh repository below `folder`. */
export async function measureLargeFile(recorder, tool, { shape, source, folder }) {
  const data = path.join(folder, 'data')
  const measure = (operation, work, check) => recorder.measure(tool, operation, work, check)
  const digests = []
  const treeIs = (version) => () =>
    expectEqual('digest of the working tree', folderDigest(data), digests[version])
  const store = () => folderSize(path.join(folder, tool.storeFolder))

  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFolder(source, data)
  digests.push(folderDigest(data))
  if ((await measure('init', () => tool.init(folder))) === undefined) return
  const first = () => tool.add(folder, {})
  const added = await measure('add + commit, first', () =>
    together(first, () => tool.commit(folder, 'first')),
  )
  if (added === undefined) return
  const before = store()
  recorder.note(tool, 'store after the first commit', before)
  await measure('status, no change', () => tool.status(folder))
  shape.edit(data)
  digests.push(folderDigest(data))
  await measure(
    'status, 1 byte changed',
    () => tool.status(folder),
    (cost) => expectEqual('clean', tool.readStatus(cost).isClean, false),
  )
  await measure('add + commit, 1 byte changed', () =>
    together(
      () => tool.addAgain(folder),
      () => tool.commit(folder, 'one byte'),
    ),
  )
  const after = store()
  recorder.note(tool, 'store grown by 1 byte', {
    files: after.files - before.files,
    bytes: after.bytes - before.bytes,
    diskBytes: after.diskBytes - before.diskBytes,
  })
  await measure('switch, 1 byte', () => tool.goTo(folder, 'main~1'), treeIs(0))
  await measure('switch, back to the branch', () => tool.goTo(folder, 'main'), treeIs(1))
}
