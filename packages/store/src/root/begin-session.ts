import { randomUUID } from 'node:crypto'
import { IdSet } from '../care/id-set.ts'
import { isDsvError } from '../dsv-error.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { sessionExpired } from '../errors.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import { beginObjectWrites, type ObjectWriteOptions } from '../object/object-write-session.ts'
import type { WrittenFragment } from '../pack/write-index-fragment.ts'
import type { OperationInfo } from './operation.ts'
import { applyUpdate, swapRoot } from './publish.ts'
import type { RepositorySettings } from './repository-settings.ts'
import type { RootRecord } from './root-record.ts'
import type { RootUpdate } from './root-update.ts'
import { settleWithGc } from './settle-with-gc.ts'
import type { WriteSession } from './write-session.ts'

/** What a session works on. */
export interface SessionContext {
  readonly driver: StorageDriver
  readonly reader: ClosableObjectReader
  readonly root: RootRecord
  readonly settings: RepositorySettings
  readonly info: OperationInfo
  /** Is told of every root that the session sees. */
  readonly useRoot: (root: RootRecord) => void
}

/** Begins a session. The caller abandons it in the end, published or not. */
export function beginSession(context: SessionContext): WriteSession {
  const { driver, root, info, useRoot } = context
  const used = new IdSet()
  const written: WrittenFragment[] = []
  const replaced = new Set<string>()
  let live = root
  let mergeEpoch: number | undefined
  let isPublished = false

  const writes = beginObjectWrites(driver, context.reader, {
    ...limitsOf(context.settings),
    get liveFragments() {
      return live.fragments.filter((name) => !replaced.has(name))
    },
  })

  async function seal(current: RootRecord): Promise<void> {
    live = current
    const sealed = await writes.seal()
    written.push(...sealed.fragments)
    for (const name of sealed.replaces) replaced.add(name)
    if (sealed.replaces.length > 0) mergeEpoch ??= current.gcEpoch
    // What was merged before gc may bring back entries that gc took out.
    if (mergeEpoch !== undefined && mergeEpoch !== current.gcEpoch) {
      throw sessionExpired(driver.location, [...replaced])
    }
  }
  async function apply(current: RootRecord, update: RootUpdate): Promise<RootRecord | undefined> {
    try {
      return await applyUpdate(
        { location: driver.location, session: writes, info },
        current,
        update,
      )
    } catch (error) {
      const isCollected =
        isDsvError(error, 'DSV_OBJECT_NOT_FOUND') && current.gcEpoch !== root.gcEpoch
      throw isCollected ? sessionExpired(driver.location, [error.message]) : error
    }
  }
  async function nextRoot(
    current: RootRecord,
    update: RootUpdate,
  ): Promise<RootRecord | undefined> {
    noteUsed(used, update)
    const changed = await apply(current, update)
    if (changed === undefined) return undefined
    await seal(current)
    return withWritten(current, changed)
  }
  async function withWritten(current: RootRecord, changed: RootRecord): Promise<RootRecord> {
    await driver.flush()
    const kept = current.fragments.filter((name) => !replaced.has(name))
    const fragments = [...new Set([...kept, ...written.map(({ name }) => name)])]
    return settleWithGc({ driver, used, since: root, written }, { ...changed, fragments })
  }

  return {
    ...writes,
    root,
    putObject: async (kind, object) => {
      for (const link of object.links) used.add(link)
      return writes.putObject(kind, object)
    },
    checkpoint: async () => {
      const reached = await swapRoot(driver, randomUUID, async (current) => {
        useRoot(current)
        await seal(current)
        const isVisible = written.every(({ name }) => current.fragments.includes(name))
        return isVisible ? undefined : withWritten(current, current)
      })
      useRoot(reached)
    },
    publish: async (update) => {
      if (isPublished) throw new Error('A session publishes once.')
      isPublished = true
      const published = await swapRoot(driver, randomUUID, async (current) => {
        useRoot(current)
        return nextRoot(current, await update(current))
      })
      useRoot(published)
      return published
    },
  }
}

function noteUsed(used: IdSet, update: RootUpdate): void {
  for (const { to } of update.refs ?? []) if (to !== undefined) used.add(to)
  for (const id of update.local?.links ?? []) used.add(id)
  if (update.head?.type === 'detached') used.add(update.head.commit)
}

/** Settings of 0 leave the choice to the driver. */
function limitsOf(settings: RepositorySettings): ObjectWriteOptions {
  const { packBelowBytes, packTargetBytes, chunkFromBytes } = settings
  return {
    ...(packBelowBytes > 0 && { packBelowBytes }),
    ...(packTargetBytes > 0 && { packTargetBytes }),
    chunkFromBytes,
  }
}
