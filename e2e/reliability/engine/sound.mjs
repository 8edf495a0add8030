import { withRepository } from './flows.mjs'
import { writeFiles } from './small-dataset.mjs'

/** Returns what a repository says it holds: refs, HEAD and stage, as text. */
export function digestOf({ refs, head, local }) {
  const stage = local && [Buffer.from(local.payload).toString('hex'), ...local.links]
  return JSON.stringify([[...refs].toSorted(), head, stage])
}

/**
 * Looks at a repository as a user would who comes back after a crash, and returns what is wrong:
 * all bytes match their ids, status works, and so does the next commit. `isTreeWhole` asks that
 * the working tree is what the stage says, or what the user had made of it.
 */
export async function problemsOf(library, folder, { allowed, expectTree } = {}) {
  const problems = []
  const note = (problem) => problems.push(problem)
  try {
    await withRepository(library, folder, async (repository) => {
      const digest = digestOf(await repository.store.readRoot())
      if (allowed !== undefined && !allowed.has(digest)) note('neither the old state nor the new')
      for await (const finding of library.checkStore(repository.store, { level: 4 })) {
        if (finding.severity === 'error') note(`fsck: ${finding.message}`)
      }
      const status = await library.status(repository)
      const tree = treeOf(status)
      if (expectTree !== undefined && !expectTree(digest, tree)) note(`tree: ${tree}`)
    })
    await withRepository(library, folder, async (repository) => {
      if ((await repository.state()).work.merge !== undefined) await library.abortMerge(repository)
      writeFiles(folder, { 'after-the-crash.txt': 'still works\n' })
      await library.add(repository, { paths: ['after-the-crash.txt'] })
      await library.commit(repository, { message: 'after the crash' })
      for await (const finding of library.checkStore(repository.store, { level: 4 })) {
        if (finding.severity === 'error') note(`fsck after the next commit: ${finding.message}`)
      }
    })
  } catch (error) {
    note(`the next command failed: ${error.code ?? error.stack} ${error.message}`)
  }
  return problems
}

/** Returns what differs on disk, as text. */
export function treeOf({ unstaged, untracked }) {
  const changes = unstaged.map(({ path, change }) => `${change} ${path}`)
  return [...changes, ...untracked.map((path) => `untracked ${path}`)].toSorted().join(', ')
}
