import type { ObjectWriteSession } from '../object/object-write-session.ts'
import type { RootUpdate } from './root-update.ts'
import type { RootRecord, RootView } from './root-record.ts'

/**
 * Objects being written, and at most one change of the root that makes them part of the repository.
 * What is not published leaves nothing visible. The store seals and abandons it.
 */
export interface WriteSession extends ObjectWriteSession {
  /** The root when the session began. */
  readonly root: RootView
  /**
   * Makes what was stored so far durable and readable by others, while refs and stage stay as they are.
   * For what must be found again when this process is killed before it publishes. Costs nothing when
   * nothing was stored.
   *
   * @throws `DSV_SESSION_EXPIRED`, `DSV_ROOT_BUSY`
   */
  checkpoint(): Promise<void>
  /**
   * Changes the root by compare-and-swap. `update` is called with the current root, and again with a
   * newer one when another writer was faster; it may store objects. Returns the new root.
   *
   * @throws `DSV_REF_MOVED` when a ref is not where `update` expects it, `DSV_REF_NAME_INVALID`,
   *   `DSV_OBJECT_NOT_FOUND` when a ref would point to nothing, `DSV_SESSION_EXPIRED`, `DSV_ROOT_BUSY`
   */
  publish(update: (root: RootView) => RootUpdate | Promise<RootUpdate>): Promise<RootRecord>
}
