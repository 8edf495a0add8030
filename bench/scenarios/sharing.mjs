// What two people do with a dataset: push it, clone it, push corrections, get them.
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { folderDigest } from '../measure/folder-digest.mjs'
import { copyFolder } from './floors.mjs'
import { expectEqual } from './recorder.mjs'

/** What is measured, in this order. */
export const SHARING = {
  push: 'push, first',
  nothing: 'push, nothing new',
  clone: 'clone',
  fetch: 'pull, nothing new',
  pushOne: 'push, 1 changed',
  pushPercent: 'push, 1 % changed',
  update: 'update after 1 %',
}

/**
 * Measures one tool with one remote, in fresh folders below `folder`.
 *
 * @param count - Returns what went to the storage since the last call; undefined where nobody counts
 */
export async function measureSharing(recorder, tool, { shape, source, folder, versions, count }) {
  const [ours, theirs] = [path.join(folder, 'one'), path.join(folder, 'two')]
  const data = path.join(ours, 'data')
  const { one, percent, digests } = versions
  const treeIs = (version) => () =>
    expectEqual(
      'digest of the cloned tree',
      folderDigest(path.join(theirs, 'data')),
      digests[version],
    )
  const measure = (operation, work, check) =>
    recorder.measure(
      tool,
      operation,
      async () => {
        await count?.()
        const cost = await work()
        return { ...cost, ...(await count?.()) }
      },
      check,
    )
  const commit = async (names, message) => {
    for (const [edit, name] of names) shape.edit(data, name, edit)
    mustWork(await tool.addAgain(ours))
    mustWork(await tool.commit(ours, message))
  }

  rmSync(folder, { recursive: true, force: true })
  mkdirSync(ours, { recursive: true })
  copyFolder(source, data)
  mustWork(await tool.init(ours))
  mustWork(await tool.add(ours, shape))
  mustWork(await tool.commit(ours, 'first'))
  mustWork(await tool.share(ours))
  const pushed = await measure(SHARING.push, () => tool.push(ours))
  if (pushed === undefined) return
  await measure(SHARING.nothing, () => tool.push(ours))
  // Whoever clones has nothing yet, so the clone proves what was pushed.
  const cloned = await measure(SHARING.clone, () => tool.clone(ours, theirs), treeIs(0))
  if (cloned === undefined) return
  await measure(SHARING.fetch, () => tool.pull(theirs), treeIs(0))
  await commit(
    one.map((name) => [1, name]),
    'one',
  )
  await measure(SHARING.pushOne, () => tool.push(ours))
  await commit(
    percent.map((name) => [2, name]),
    'percent',
  )
  await measure(SHARING.pushPercent, () => tool.push(ours))
  await measure(SHARING.update, () => tool.pull(theirs), treeIs(2))
}

function mustWork({ exitCode, failed, stderr, stdout }) {
  if (exitCode === 0) return
  const said = `${stderr}${stdout}`.trim().split('\n').slice(-3).join(' | ')
  throw new Error(`${failed ?? 'a step before the measurement'} failed: ${said.slice(0, 300)}`)
}
