import { checkRefName, type ObjectId } from '@dsv/store'
import { branchExists, tagUnknown } from '../errors.ts'
import { decodeTag, encodeTag, type Tag } from '../record/tag-record.ts'
import { signature } from './commit.ts'
import type { Repository } from './repository.ts'
import { resolveCommit } from './revisions.ts'

const PREFIX = 'refs/tags/'

/** A tag. */
export interface NamedTag {
  readonly name: string
  readonly commitId: ObjectId
  /** Who named it and why; undefined for a lightweight tag. */
  readonly tag: Tag | undefined
}

/** Returns the tags, sorted by name. */
export async function tags(repository: Repository): Promise<readonly NamedTag[]> {
  const { refs } = await repository.state()
  const { objects } = repository.store
  const named: NamedTag[] = []
  for (const [ref, id] of refs) {
    if (!ref.startsWith(PREFIX)) continue
    const name = ref.slice(PREFIX.length)
    const isAnnotated = (await objects.info(id))?.kind === 'tag'
    const tag = isAnnotated ? decodeTag(await objects.getObject('tag', id)) : undefined
    named.push({ name, commitId: tag?.target ?? id, tag })
  }
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Names a commit (default HEAD). With a message the tag says who made it and when.
 *
 * @throws `DSV_BRANCH_EXISTS`, `DSV_REF_NAME_INVALID`, `DSV_REVISION_UNKNOWN`
 */
export async function createTag(
  repository: Repository,
  name: string,
  options: {
    readonly revision?: string
    readonly message?: string
    readonly force?: boolean
  } = {},
): Promise<ObjectId> {
  const ref = `${PREFIX}${name}`
  checkRefName(ref)
  const target = await resolveCommit(repository, options.revision ?? 'HEAD')
  const { user, now } = repository.environment
  return repository.write(`tag ${name}`, async ({ state, session, publish }) => {
    if (state.refs.has(ref) && options.force !== true) throw branchExists(name)
    const message = options.message?.trim()
    const id =
      message === undefined || message === ''
        ? target
        : await session.putObject(
            'tag',
            encodeTag({ target, name, tagger: signature(user, now()), message: `${message}\n` }),
          )
    await publish({ refs: new Map([[ref, id]]) })
    return target
  })
}

/** Deletes a tag. @throws `DSV_TAG_UNKNOWN` */
export async function deleteTag(repository: Repository, name: string): Promise<void> {
  const ref = `${PREFIX}${name}`
  await repository.write(`delete tag ${name}`, async ({ state, publish }) => {
    if (!state.refs.has(ref)) throw tagUnknown(name)
    await publish({ refs: new Map([[ref, undefined]]) })
  })
}
