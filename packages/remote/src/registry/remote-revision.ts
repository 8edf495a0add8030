import { decodeCommit, decodeTag, resolveRevision } from '@dsv/core'
import { isIdText, type ObjectId, toObjectId } from '@dsv/store'
import type { RemoteRepository } from '../transfer/remote-repository.ts'

/**
 * Returns the commit that a revision names over there; without one that of its main branch.
 *
 * @throws `DSV_REVISION_SYNTAX`, `DSV_REVISION_UNKNOWN`, `DSV_REVISION_AMBIGUOUS`
 */
export async function remoteRevision(
  { store, root }: RemoteRepository,
  revision = 'HEAD',
): Promise<ObjectId> {
  const { objects } = store
  return resolveRevision(revision, {
    commit: async (id) => decodeCommit(await objects.getObject('commit', id)),
    ref: async (name) => root.refs.get(name),
    head: async () => {
      if (root.head?.type === 'detached') return root.head.commit
      return root.refs.get(root.head?.name ?? 'refs/heads/main') ?? firstBranch(root.refs)
    },
    refNames: async () => [...root.refs.keys()],
    reflog: async () => undefined,
    findShort: async (prefix) => {
      if (isIdText(prefix)) return [toObjectId(prefix)]
      return [...root.refs.values()].filter((id) => id.startsWith(prefix))
    },
    tag: async (id) => {
      const isTag = (await objects.info(id))?.kind === 'tag'
      return isTag ? decodeTag(await objects.getObject('tag', id)) : undefined
    },
  })
}

function firstBranch(refs: ReadonlyMap<string, ObjectId>): ObjectId | undefined {
  const [first] = [...refs.keys()].filter((name) => name.startsWith('refs/heads/')).toSorted()
  return first === undefined ? undefined : refs.get(first)
}
