import { type AnyId, type ObjectId, toObjectId } from '../hash/object-id.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import type { RootView } from '../root/root-record.ts'
import type { Dependents } from './finding.ts'
import { IdSet } from './id-set.ts'
import { linksOf, reachRoots } from './reachable.ts'
import type { RepositorySettings } from '../root/repository-settings.ts'

/** Where a walk begins, with its name for people. */
interface NamedRoot {
  readonly name: string
  readonly id: AnyId
}

/** An object whose links are being walked. */
interface Frame {
  readonly id: AnyId
  readonly kind: string
  readonly links: readonly AnyId[]
  next: number
}

/**
 * Returns for each broken id which refs and commits need it. Opens every object once; what is broken
 * is a leaf of the walk.
 */
export async function findDependents(
  reader: ClosableObjectReader,
  root: RootView,
  broken: ReadonlySet<AnyId>,
  kept: { readonly settings: RepositorySettings; readonly nowMs: number },
): Promise<Map<AnyId, Dependents>> {
  const refs = new Map([...broken].map((id) => [id, new Set<string>()]))
  const commits = new Map([...broken].map((id) => [id, new Set<ObjectId>()]))
  const tainted = new Map<AnyId, ReadonlySet<AnyId>>([...broken].map((id) => [id, new Set([id])]))
  const seen = new IdSet()

  async function open(id: AnyId): Promise<Frame> {
    let kind = ''
    const visit = (found: string): void => {
      kind = found
    }
    const sink = { missing: new Set<AnyId>(), corrupt: new Map<AnyId, string>() }
    const links = broken.has(id) ? [] : await linksOf(reader, id, { reach: sink, visit })
    return { id, kind, links, next: 0 }
  }
  function close({ id, kind, links }: Frame): void {
    const needs = new Set(links.flatMap((link) => [...(tainted.get(link) ?? [])]))
    if (needs.size > 0) tainted.set(id, needs)
    if (kind !== 'commit') return
    for (const each of needs) commits.get(each)?.add(toObjectId(id))
  }
  async function walk(start: AnyId): Promise<void> {
    if (!seen.add(start)) return
    const frames = [await open(start)]
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const link = frame.links[frame.next]
      frame.next += 1
      if (link === undefined) {
        close(frame)
        frames.pop()
      } else if (seen.add(link)) {
        frames.push(await open(link))
      }
    }
  }
  for (const { name, id } of await namedRoots(reader, root, kept)) {
    await walk(id)
    for (const each of tainted.get(id) ?? []) refs.get(each)?.add(name)
  }
  return new Map(
    [...broken].map((id) => [
      id,
      { refs: [...(refs.get(id) ?? [])], commits: [...(commits.get(id) ?? [])] },
    ]),
  )
}

async function namedRoots(
  reader: ClosableObjectReader,
  root: RootView,
  { settings, nowMs }: { readonly settings: RepositorySettings; readonly nowMs: number },
): Promise<NamedRoot[]> {
  const roots: NamedRoot[] = [...root.refs].map(([name, id]) => ({ name, id }))
  if (root.head?.type === 'detached') roots.push({ name: 'HEAD', id: root.head.commit })
  for (const id of root.local?.links ?? []) roots.push({ name: 'stage', id })
  const others = await reachRoots(
    reader,
    { ...root, refs: new Map(), local: undefined },
    settings,
    nowMs,
  )
  return [...roots, ...others.map((id) => ({ name: 'operation log', id }))]
}
