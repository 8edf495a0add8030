/** What a storage can do wrong with one request. `when` says with which requests. */
export const storageFaults = {
  'connection cut before the request': {
    when: () => true,
    instead: async ({ fail }) => fail('cut before it was sent'),
  },
  'answer lost': {
    when: ({ isWrite }) => isWrite,
    instead: async ({ go, fail }) => {
      await go()
      fail('cut before the answer came')
    },
  },
  'conflict with nobody': {
    when: ({ action }) => action === 'swap',
    instead: async ({ conflict }) => conflict(),
  },
  'swapped, yet a conflict': {
    when: ({ action }) => action === 'swap',
    instead: async ({ go, conflict }) => {
      await go()
      conflict()
    },
  },
  'answer cut short': {
    when: ({ action }) => action === 'read',
    instead: async ({ go }) => changed(await go(), (bytes) => bytes.subarray(0, bytes.length >> 1)),
  },
  'a bit flipped': {
    when: ({ action }) => action === 'read',
    instead: async ({ go, chance }) =>
      changed(await go(), (bytes) => {
        const flipped = Buffer.from(bytes)
        const at = Math.floor(chance() * flipped.length)
        if (flipped.length > 0) flipped[at] ^= 1 << Math.floor(chance() * 8)
        return flipped
      }),
  },
  'not found, though it is there': {
    when: ({ action }) => action === 'read' || action === 'size',
    instead: async ({ missing, action }) => (action === 'size' ? undefined : missing()),
  },
  'a listing of before': {
    when: ({ action }) => action === 'list',
    instead: async ({ before }) => before(),
  },
  'no space': {
    when: ({ action }) => action === 'write' || action === 'swap',
    instead: async ({ full }) => full(),
  },
  'no rights': {
    when: ({ isWrite }) => isWrite,
    instead: async ({ denied }) => denied(),
  },
}

function changed(answer, change) {
  if (answer === undefined || answer instanceof Uint8Array) return answer && change(answer)
  return { ...answer, bytes: change(answer.bytes) }
}

/**
 * Returns a storage over another one that does what the fault says with the request number `at` (of
 * those that it is about), and from there on with all when `lasts`. `hit` tells which that was.
 */
export async function faultyStorage(library, storage, { fault, at, lasts = false, chance }) {
  const { when, instead } = storageFaults[fault]
  const past = await entriesOf(storage.list(''))
  const faulty = { requests: 0, bytesWritten: 0, hit: undefined }
  const { location } = storage

  async function request(action, path, isWrite, go) {
    if (!when({ action, isWrite, path })) return go()
    const number = faulty.requests
    faulty.requests += 1
    if (lasts ? number < at : number !== at) return go()
    faulty.hit ??= `${action} ${path}`
    const where = `${location}/${path}`
    const raise = (error) => {
      throw error
    }
    return instead({
      action,
      go,
      chance,
      fail: (reason) => raise(library.storageFailed(where, new Error(reason))),
      conflict: () => raise(library.storageConflict(location, path)),
      missing: () => raise(library.storageNotFound(location, path)),
      full: () => raise(library.storageFull(where, undefined)),
      denied: () => raise(library.storageDenied(where, undefined)),
      before: () => past.filter((entry) => entry.path.startsWith(path)),
    })
  }
  const driver = {
    location,
    localFolder: undefined,
    packBelowBytes: storage.packBelowBytes,
    read: (path) => request('read', path, false, () => storage.read(path)),
    readRange: (path, offset, length) =>
      request('read', path, false, () => storage.readRange(path, offset, length)),
    sizeOf: (path) => request('size', path, false, () => storage.sizeOf(path)),
    write: (path, bytes) => {
      faulty.bytesWritten += bytes.length
      return request('write', path, true, () => storage.write(path, bytes))
    },
    async *list(prefix) {
      yield* await request('list', prefix, false, () => entriesOf(storage.list(prefix)))
    },
    delete: (path) => request('delete', path, true, () => storage.delete(path)),
    readVersioned: (path) => request('read', path, false, () => storage.readVersioned(path)),
    replaceIf: (path, expected, bytes) =>
      request('swap', path, true, () => storage.replaceIf(path, expected, bytes)),
    flush: () => request('flush', '', true, () => storage.flush()),
  }
  return { driver, faulty }
}

async function entriesOf(entries) {
  const all = []
  for await (const entry of entries) all.push(entry)
  return all
}
