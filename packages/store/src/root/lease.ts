import { isDsvError } from '../dsv-error.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { leaseCorrupt } from '../errors.ts'
import type { AnyId } from '../hash/object-id.ts'
import { SESSION_PREFIX, sessionPath } from '../layout.ts'
import { decodeCanonical, encodeCanonical } from '../object/canonical.ts'
import { fieldReader, joinIds } from './field-reader.ts'
import type { WriterProcess } from './writer-process.ts'

/** What a running writer tells garbage collection: that it runs, and what it builds upon. */
export interface Lease {
  readonly sessionId: string
  readonly purpose: 'write' | 'gc'
  readonly pid: number
  readonly host: string
  readonly bootId: string
  /** Milliseconds since 1970 UTC, by the clock of the writer. */
  readonly startedMs: number
  readonly heartbeatMs: number
  /** What the root referred to when the writer began. */
  readonly bases: readonly AnyId[]
}

/** After a week another process may have got the number of a dead one. */
const SAME_NUMBER_MS = 7 * 24 * 3_600_000

/** A lease that is being kept alive. */
export interface HeldLease {
  readonly lease: Lease
  /** Ends the heartbeat and deletes the lease. */
  release(): Promise<void>
}

/** Writes a lease and renews it every `everyMs` until it is released. */
export async function holdLease(
  driver: StorageDriver,
  lease: Lease,
  timing: { readonly everyMs: number; readonly nowMs: () => number },
): Promise<HeldLease> {
  const path = sessionPath(lease.sessionId)
  let version = await driver.replaceIf(path, undefined, encodeLease(lease))
  let beat: Promise<void> = Promise.resolve()
  const renew = async (): Promise<void> => {
    const renewed = encodeLease({ ...lease, heartbeatMs: timing.nowMs() })
    try {
      version = await driver.replaceIf(path, version, renewed)
    } catch (error) {
      // A missed beat is harmless: what it protects is checked again when the root is swapped.
      if (!isDsvError(error)) throw error
    }
  }
  const timer = setInterval(() => {
    beat = beat.then(renew)
  }, timing.everyMs)
  timer.unref()
  return {
    lease,
    release: async () => {
      clearInterval(timer)
      await beat
      try {
        await driver.delete(path)
      } catch (error) {
        // What was published stays published. A lease without its process is one that gc removes.
        if (!isDsvError(error)) throw error
      }
    },
  }
}

/** A lease as it lies in the storage. */
export interface FoundLease {
  readonly path: string
  /** By the clock of the storage. */
  readonly modifiedMs: number
  /** Undefined when its bytes cannot be read. */
  readonly lease: Lease | undefined
}

/** Reads all leases, those of dead writers included. */
export async function readLeases(driver: StorageDriver): Promise<FoundLease[]> {
  const found: FoundLease[] = []
  for await (const { path, modifiedMs } of driver.list(SESSION_PREFIX)) {
    // Beside a lease may lie the lock of its last renewal.
    if (path.includes('.')) continue
    const current = await driver.readVersioned(path)
    if (current === undefined) continue
    found.push({ path, modifiedMs, lease: tryDecodeLease(current.bytes) })
  }
  return found
}

/**
 * Returns whether the writer of a lease may still run. On this machine the process itself is asked;
 * from elsewhere only the age of the last heartbeat can tell.
 */
export function isLeaseLive(
  { lease, modifiedMs }: FoundLease,
  self: WriterProcess,
  clock: { readonly nowMs: number; readonly ttlMs: number },
): boolean {
  const isHere = lease?.host === self.host && lease.bootId === self.bootId && self.bootId !== ''
  const ageMs = clock.nowMs - Math.max(lease?.heartbeatMs ?? 0, modifiedMs)
  if (!isHere || lease === undefined) return ageMs < clock.ttlMs
  return self.isRunning(lease.pid) && ageMs < Math.max(clock.ttlMs, SAME_NUMBER_MS)
}

/** Returns the bytes of a lease. */
export function encodeLease(lease: Lease): Uint8Array {
  return encodeCanonical({ ...lease, bases: joinIds(lease.bases) })
}

function tryDecodeLease(bytes: Uint8Array): Lease | undefined {
  try {
    return decodeLease(bytes)
  } catch (error) {
    if (isDsvError(error)) return undefined
    throw error
  }
}

function decodeLease(bytes: Uint8Array): Lease {
  const record = fieldReader(decodeCanonical(bytes), leaseCorrupt)
  const purpose = record.field('purpose').text()
  return {
    sessionId: record.field('sessionId').text(),
    purpose: purpose === 'gc' ? 'gc' : 'write',
    pid: record.field('pid').count(),
    host: record.field('host').text(),
    bootId: record.field('bootId').text(),
    startedMs: record.field('startedMs').count(),
    heartbeatMs: record.field('heartbeatMs').count(),
    bases: record.field('bases').ids(),
  }
}
