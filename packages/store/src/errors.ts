import { DsvError } from './dsv-error.ts'

/** `DSV_STORAGE_NOT_FOUND`: a file that should be in the storage is not there. */
export function storageNotFound(location: string, path: string): DsvError<'DSV_STORAGE_NOT_FOUND'> {
  return new DsvError('DSV_STORAGE_NOT_FOUND', `${location} has no file ${path}`, {
    details: { location, path },
    hint: 'Run `dsv fsck` to see what is missing.',
  })
}

/** `DSV_ROOT_CORRUPT`: the root record of a repository cannot be read. */
export function rootCorrupt(location: string, problem: string): DsvError<'DSV_ROOT_CORRUPT'> {
  return new DsvError('DSV_ROOT_CORRUPT', `The root of ${location} is damaged: ${problem}`, {
    details: { location, problem },
    hint: 'Run `dsv fsck --repair`, or clone the repository from a remote.',
  })
}

/** `DSV_REPOSITORY_NEWER`: a later release wrote this repository in a way this one cannot read. */
export function repositoryNewer(
  location: string,
  version: number,
  newest: number,
): DsvError<'DSV_REPOSITORY_NEWER'> {
  const message = `${location} has format ${version}; this release reads up to format ${newest}`
  return new DsvError('DSV_REPOSITORY_NEWER', message, {
    details: { location, version, newest },
    hint: 'Install a newer release of dsv.',
  })
}

/** `DSV_REPOSITORY_NOT_FOUND`: there is no repository at a place. */
export function repositoryNotFound(location: string): DsvError<'DSV_REPOSITORY_NOT_FOUND'> {
  return new DsvError('DSV_REPOSITORY_NOT_FOUND', `There is no dsv repository at ${location}`, {
    details: { location },
    hint: 'Check the address. `dsv init` begins a repository in a folder, and the first `dsv push` one elsewhere.',
  })
}

/** `DSV_REPOSITORY_EXISTS`: a repository should begin where one already is. */
export function repositoryExists(location: string): DsvError<'DSV_REPOSITORY_EXISTS'> {
  return new DsvError('DSV_REPOSITORY_EXISTS', `There is a dsv repository at ${location} already`, {
    details: { location },
    hint: 'Use it as it is, or choose another folder.',
  })
}

/** `DSV_REF_NAME_INVALID`: a ref cannot have this name. */
export function refNameInvalid(name: string, problem: string): DsvError<'DSV_REF_NAME_INVALID'> {
  const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name)
  return new DsvError('DSV_REF_NAME_INVALID', `The name ${shown} ${problem}`, {
    details: { name, problem },
    hint: 'The rules are those of `git check-ref-format`.',
  })
}

/** What moved a ref while somebody else wanted to. */
export interface RefMover {
  readonly user: string
  readonly host: string
  readonly command: string
}

/** `DSV_REF_MOVED`: a ref is no longer where the writer saw it. */
export function refMoved(
  name: string,
  ids: { readonly expected: string | undefined; readonly actual: string | undefined },
  mover: RefMover | undefined,
): DsvError<'DSV_REF_MOVED'> {
  const by = mover === undefined ? '' : ` by ${mover.user}@${mover.host} (${mover.command})`
  const what = ids.actual === undefined ? 'was deleted' : `was moved to ${ids.actual.slice(0, 12)}`
  return new DsvError('DSV_REF_MOVED', `${name} ${what}${by}`, {
    details: { name, ...ids, mover },
    hint: 'Look at what came in between, then run the command again.',
  })
}

/** `DSV_ROOT_BUSY`: other writers were faster time and again. */
export function rootBusy(location: string, attempts: number): DsvError<'DSV_ROOT_BUSY'> {
  const message = `Other writers changed ${location} ${attempts} times while this one wanted to`
  return new DsvError('DSV_ROOT_BUSY', message, {
    details: { location, attempts },
    hint: 'Nothing was changed; run the command again.',
  })
}

/** `DSV_SESSION_EXPIRED`: gc removed what a writer relied on, because it seemed to be gone. */
export function sessionExpired(
  location: string,
  missing: readonly string[],
): DsvError<'DSV_SESSION_EXPIRED'> {
  const message = `Garbage collection in ${location} removed what this command had written or used`
  return new DsvError('DSV_SESSION_EXPIRED', message, {
    details: { location, missing },
    hint: 'Nothing was changed; run the command again.',
  })
}

/** `DSV_OPERATION_NOT_FOUND`: the operation log does not have what was asked for. */
export function operationNotFound(what: string): DsvError<'DSV_OPERATION_NOT_FOUND'> {
  return new DsvError('DSV_OPERATION_NOT_FOUND', `The operation log has no ${what}`, {
    details: { what },
    hint: 'Run `dsv op log` to see what it has.',
  })
}

/** `DSV_OPERATION_CORRUPT`: an entry of the operation log cannot be read. */
export function operationCorrupt(id: string, problem: string): DsvError<'DSV_OPERATION_CORRUPT'> {
  return new DsvError('DSV_OPERATION_CORRUPT', `Operation ${id} is damaged: ${problem}`, {
    details: { id, problem },
    hint: 'Run `dsv fsck` to see what depends on it.',
  })
}

/** `DSV_UNDO_CONFLICT`: what an operation changed has been changed again since. */
export function undoConflict(operation: string, what: string): DsvError<'DSV_UNDO_CONFLICT'> {
  const message = `Operation ${operation.slice(0, 12)} cannot be undone: ${what} has changed since`
  return new DsvError('DSV_UNDO_CONFLICT', message, {
    details: { operation, what },
    hint: 'Undo the later operations first, or use `dsv op restore`.',
  })
}

/** `DSV_GC_REFUSED`: objects that should be there are not, so nothing may be deleted. */
export function gcRefused(
  location: string,
  missing: readonly string[],
): DsvError<'DSV_GC_REFUSED'> {
  const message = `${missing.length} objects that are in use are missing in ${location}; nothing was deleted`
  return new DsvError('DSV_GC_REFUSED', message, {
    details: { location, missing: missing.slice(0, 100) },
    hint: 'Run `dsv fsck --repair` first.',
  })
}

/** `DSV_STORAGE_FULL`: no space is left, or the quota is used up. */
export function storageFull(path: string, cause: unknown): DsvError<'DSV_STORAGE_FULL'> {
  return new DsvError('DSV_STORAGE_FULL', `There is no space left to write ${path}`, {
    details: { path },
    hint: 'Free some space and run the command again; what was stored before is safe.',
    cause,
  })
}

/** `DSV_STORAGE_DENIED`: the system does not allow the access. */
export function storageDenied(
  path: string,
  cause: unknown,
  hint = 'Check who owns the file and whether its file system is writable.',
): DsvError<'DSV_STORAGE_DENIED'> {
  const message = `Access is denied to ${path}`
  return new DsvError('DSV_STORAGE_DENIED', message, { details: { path }, hint, cause })
}

/** `DSV_STORAGE_FAILED`: the system failed in another way. */
export function storageFailed(path: string, cause: unknown): DsvError<'DSV_STORAGE_FAILED'> {
  const { message, code } = reasonOf(cause)
  const reason = message === '' ? '' : `: ${message}`
  return new DsvError('DSV_STORAGE_FAILED', `Cannot access ${path}${reason}`, {
    details: { path },
    ...(UNREACHED.has(code) && {
      hint: 'Check the address, and whether the server runs and can be reached.',
    }),
    cause,
  })
}

const UNREACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
])

/** What went wrong at the bottom: `fetch` and connections to several addresses wrap it and say nothing. */
function reasonOf(cause: unknown): { readonly message: string; readonly code: string } {
  if (typeof cause !== 'object' || cause === null) return { message: '', code: '' }
  const message = 'message' in cause ? String(cause.message) : ''
  if ('cause' in cause && message === 'fetch failed') return reasonOf(cause.cause)
  if ('errors' in cause && message === '' && Array.isArray(cause.errors))
    return reasonOf(cause.errors[0])
  return { message, code: 'code' in cause ? String(cause.code) : '' }
}

/** `DSV_STORAGE_CONFLICT`: somebody else replaced a file first. */
export function storageConflict(location: string, path: string): DsvError<'DSV_STORAGE_CONFLICT'> {
  return new DsvError('DSV_STORAGE_CONFLICT', `Another writer replaced ${path} of ${location}`, {
    details: { location, path },
    hint: 'Read it again and repeat the change.',
  })
}

/** `DSV_STORAGE_PATH_INVALID`: a path of a storage is absolute, leaves it, or is no path. */
export function storagePathInvalid(path: string): DsvError<'DSV_STORAGE_PATH_INVALID'> {
  return new DsvError(
    'DSV_STORAGE_PATH_INVALID',
    `${JSON.stringify(path)} is no path inside a storage.`,
    { details: { path }, hint: 'Paths are relative, with `/`, without `.` and `..`.' },
  )
}

/** `DSV_LOCK_HELD`: another process held a lock for longer than we waited. */
export function lockHeld(path: string, owner: string): DsvError<'DSV_LOCK_HELD'> {
  return new DsvError('DSV_LOCK_HELD', `${path} is held by ${owner}.`, {
    details: { path, owner },
    hint: 'Wait until it is done; when it is surely gone, delete the lock file.',
  })
}

/** `DSV_OBJECT_NOT_FOUND`: no blob or object of this id is stored. */
export function objectNotFound(
  location: string,
  kind: string,
  id: string,
): DsvError<'DSV_OBJECT_NOT_FOUND'> {
  return new DsvError('DSV_OBJECT_NOT_FOUND', `${location} has no ${kind} ${id}`, {
    details: { location, kind, id },
    hint: 'Run `dsv fetch` if a remote has it, or `dsv fsck` to see what is missing.',
  })
}

/** `DSV_OBJECT_CORRUPT`: the bytes of a blob or object are not what its id says. */
export function objectCorrupt(
  id: string,
  problem: string,
  details: Readonly<Record<string, unknown>> = {},
): DsvError<'DSV_OBJECT_CORRUPT'> {
  return new DsvError('DSV_OBJECT_CORRUPT', `Object ${id} is damaged: ${problem}.`, {
    details: { id, problem, ...details },
    hint: 'Run `dsv fsck --repair` to fetch a good copy from a remote.',
  })
}

/** `DSV_PACK_CORRUPT`: a pack or index file is cut off or altered. */
export function packCorrupt(path: string, problem: string): DsvError<'DSV_PACK_CORRUPT'> {
  return new DsvError('DSV_PACK_CORRUPT', `${path} is damaged: ${problem}.`, {
    details: { path, problem },
    hint: 'Run `dsv fsck --repair`.',
  })
}

/** `DSV_FILE_CHANGED`: a file kept changing while it was read. */
export function fileChanged(path: string): DsvError<'DSV_FILE_CHANGED'> {
  return new DsvError('DSV_FILE_CHANGED', `${path} changed while it was read.`, {
    details: { path },
    hint: 'Wait until its writer is done and run the command again.',
  })
}

/** `DSV_RECORD_CORRUPT`: the bytes of a record are not in canonical form. */
export function recordCorrupt(problem: string, offset: number): DsvError<'DSV_RECORD_CORRUPT'> {
  return new DsvError('DSV_RECORD_CORRUPT', `A record is damaged at byte ${offset}: ${problem}.`, {
    details: { problem, offset },
    hint: 'Run `dsv fsck --repair` to fetch a good copy from a remote.',
  })
}

/** `DSV_RECORD_INVALID`: a value holds something that no record can hold. */
export function recordInvalid(place: string, problem: string): DsvError<'DSV_RECORD_INVALID'> {
  const where = place === '' ? 'A record' : `A record at ${place}`
  return new DsvError('DSV_RECORD_INVALID', `${where} cannot hold ${problem}.`, {
    details: { place, problem },
    hint: 'Correct the value in the file it comes from.',
  })
}

/** `DSV_TREE_CORRUPT`: a node of a tree is not what its parent or its own header say. */
export function treeCorrupt(nodeId: string, problem: string): DsvError<'DSV_TREE_CORRUPT'> {
  return new DsvError('DSV_TREE_CORRUPT', `Tree node ${nodeId} is damaged: ${problem}.`, {
    details: { nodeId, problem },
    hint: 'Run `dsv fsck --repair` to fetch a good copy from a remote.',
  })
}

/** `DSV_TREE_KEY_TOO_LONG`: a key is longer than a tree can hold. */
export function treeKeyTooLong(
  key: Uint8Array,
  limitBytes: number,
): DsvError<'DSV_TREE_KEY_TOO_LONG'> {
  const start = Buffer.from(key.subarray(0, 60)).toString('utf8')
  const message = `The key that starts with ${JSON.stringify(start)} has ${key.length} bytes`
  return new DsvError('DSV_TREE_KEY_TOO_LONG', `${message}; the limit is ${limitBytes}.`, {
    details: { start, sizeBytes: key.length, limitBytes },
    hint: 'Shorten the path or the id.',
  })
}

/** `DSV_FILE_GONE`: a file that was to be stored is not there any more. */
export function fileGone(path: string): DsvError<'DSV_FILE_GONE'> {
  return new DsvError('DSV_FILE_GONE', `There is no file ${path} any more.`, {
    details: { path },
    hint: 'Run the command again.',
  })
}

/** `DSV_LEASE_CORRUPT`: the lease of a writer cannot be read. gc then goes by its age; nobody sees this. */
export function leaseCorrupt(problem: string): DsvError<'DSV_LEASE_CORRUPT'> {
  return new DsvError('DSV_LEASE_CORRUPT', `The lease of a writer cannot be read: ${problem}.`, {
    details: { problem },
    hint: 'Nothing needs to be done.',
  })
}
