import type { ObjectId } from '@dsv/store'
import { decodeTag } from '../record/tag-record.ts'
import type { Repository } from '../repository/repository.ts'

/**
 * Returns the refs that stand at each commit, by full name and sorted, `HEAD` first. An annotated tag
 * stands at the commit that it names.
 */
export async function commitRefs(
  repository: Repository,
): Promise<ReadonlyMap<ObjectId, readonly string[]>> {
  const { refs, headCommit } = await repository.state()
  const { objects } = repository.store
  const found = new Map<ObjectId, string[]>()
  const note = (commitId: ObjectId, name: string): void => {
    found.set(commitId, [...(found.get(commitId) ?? []), name])
  }
  if (headCommit !== undefined) note(headCommit, 'HEAD')
  for (const [name, id] of [...refs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const info = name.startsWith('refs/heads/') ? undefined : await objects.info(id)
    if (info?.kind !== 'tag') note(id, name)
    else note(decodeTag(await objects.getObject('tag', id)).target, name)
  }
  return found
}
