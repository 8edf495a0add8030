import { smallProject, vocXml, writeFiles } from './small-dataset.mjs'

const editA = { 'data/Annotations/a.xml': vocXml('a', [['cat', 2, 2, 11, 12]]) }
const editB = {
  'data/Annotations/b.xml': vocXml('b', [['dog', 6, 5, 21, 20]]),
  'data/Annotations/d.xml': vocXml('d', [['van', 1, 1, 30, 20]]),
}
const localEdits = {
  'data/Annotations/b.xml': vocXml('b', [['bird', 1, 1, 4, 4]]),
  'data/Annotations/d.xml': vocXml('d', [['fish', 2, 2, 5, 5]]),
  'notes/deep/er.txt': 'deeper\n',
}
const moreFiles = {
  'notes/new.txt': 'new\n',
  'second.bin': Buffer.alloc(40_000, 'second '),
  'README.md': 'A changed project.\n',
}

/** Returns what the library needs of the world: the clock counts up by a minute at each look. */
export function environmentOf(library, changes = {}) {
  let seconds = 1_700_000_000
  return {
    formats: library.builtInFormats,
    now: () => ({ seconds: (seconds += 60), offsetMinutes: 0 }),
    user: { name: 'Tester', email: 'tester@example.org' },
    host: 'test-host',
    command: 'dsv test',
    link: 'copy',
    signal: new AbortController().signal,
    onProgress: () => {},
    workerUrl: undefined,
    ...changes,
  }
}

/** Opens the repository in `folder`, hands it to `work` and closes it. */
export async function withRepository(library, folder, work, environment = {}) {
  const repository = await library.Repository.open(folder, environmentOf(library, environment))
  try {
    return await work(repository)
  } finally {
    await repository.close()
  }
}

const addAll = (library, repository) => library.add(repository, { paths: [''] })
const commitAll = async (library, repository, message) => {
  await addAll(library, repository)
  await library.commit(repository, { message })
}

/** Makes a repository with a dataset, two branches (`main`, `other`) that differ, and an older commit. */
export async function prepareRepository(library, folder) {
  writeFiles(folder, smallProject())
  const repository = await library.Repository.init(folder, environmentOf(library))
  try {
    const info = { command: 'test', description: 'settings', user: 'T', host: 'h', timeMs: 0 }
    await repository.store.write(info, (session) =>
      session.publish(() => ({ settings: { chunkFromBytes: 45_000 } })),
    )
    await library.add(repository, { paths: ['data'], format: 'voc' })
    await commitAll(library, repository, 'first')
    await library.switchTo(repository, { target: 'other', create: true })
    writeFiles(folder, { ...editB, 'notes/deep/er.txt': undefined, 'notes/other.txt': 'other\n' })
    await commitAll(library, repository, 'on other')
    await library.switchTo(repository, { target: 'main' })
    writeFiles(folder, editA)
    await commitAll(library, repository, 'on main')
  } finally {
    await repository.close()
  }
}

/** Makes enough garbage and small packs that collecting them has much to do. */
async function makeGarbage(library, folder) {
  await withRepository(library, folder, async (repository) => {
    await library.switchTo(repository, { target: 'gone', create: true })
    for (let round = 0; round < 14; round += 1) {
      const bytes = Buffer.alloc(41_000, `round ${round}`)
      writeFiles(folder, { 'notes/round.txt': `round ${round}\n`, 'round.bin': bytes })
      await commitAll(library, repository, `round ${round}`)
    }
    await library.switchTo(repository, { target: 'main' })
    await library.deleteBranch(repository, 'gone', { force: true })
    const info = { command: 'test', description: 'settings', user: 'T', host: 'h', timeMs: 0 }
    await repository.store.write(info, (session) =>
      session.publish(() => ({ settings: { keepOperations: 1, keepOperationsMs: 0 } })),
    )
    await library.createBranch(repository, 'after')
  })
}

const inRepository = (work) => (library, folder) =>
  withRepository(library, folder, (repository) => work(library, repository, folder))

/** Every flow: what to prepare in a repository of {@link prepareRepository}, and what to run. */
export const flows = {
  add: {
    prepare: async (_library, folder) => writeFiles(folder, { ...moreFiles, ...editB }),
    run: inRepository(addAll),
  },
  commit: {
    prepare: inRepository(async (library, repository, folder) => {
      writeFiles(folder, { ...moreFiles, ...editB })
      await addAll(library, repository)
    }),
    run: inRepository((library, repository) => library.commit(repository, { message: 'new' })),
  },
  'commit -a': {
    prepare: async (_library, folder) => writeFiles(folder, { ...editB, 'README.md': undefined }),
    run: inRepository((library, repository) =>
      library.commit(repository, { message: 'new', all: true }),
    ),
  },
  switch: {
    prepare: async () => {},
    run: inRepository((library, repository) => library.switchTo(repository, { target: 'other' })),
    movesFiles: true,
  },
  'switch --force': {
    prepare: async (_library, folder) => writeFiles(folder, localEdits),
    run: inRepository((library, repository) =>
      library.switchTo(repository, { target: 'other', force: true }),
    ),
    movesFiles: true,
  },
  merge: {
    prepare: async () => {},
    run: inRepository((library, repository) => library.merge(repository, { revision: 'other' })),
    movesFiles: true,
  },
  'merge with conflicts': {
    prepare: inRepository(async (library, repository, folder) => {
      writeFiles(folder, { 'data/Annotations/d.xml': vocXml('d', [['bus', 3, 3, 9, 9]]) })
      await commitAll(library, repository, 'd is a bus')
    }),
    run: inRepository((library, repository) => library.merge(repository, { revision: 'other' })),
    movesFiles: true,
  },
  'reset --hard': {
    prepare: async (_library, folder) => writeFiles(folder, { ...moreFiles, ...localEdits }),
    run: inRepository((library, repository) =>
      library.reset(repository, { revision: 'other', mode: 'hard' }),
    ),
    movesFiles: true,
  },
  restore: {
    prepare: async (_library, folder) => writeFiles(folder, editB),
    run: inRepository((library, repository) => library.restore(repository, { paths: ['data'] })),
    movesFiles: true,
  },
  'undo of a commit': {
    prepare: async () => {},
    run: inRepository((library, repository) => library.undo(repository)),
  },
  'undo of a switch': {
    prepare: inRepository((library, repository) =>
      library.switchTo(repository, { target: 'other' }),
    ),
    run: inRepository((library, repository) => library.undo(repository)),
    movesFiles: true,
  },
  stash: {
    prepare: async (_library, folder) => writeFiles(folder, editB),
    run: inRepository((library, repository) => library.stashPush(repository)),
    movesFiles: true,
  },
  'gc and repack': {
    prepare: makeGarbage,
    run: inRepository((library, { store }) =>
      library.collectGarbage(store, { graceMs: 0, nowMs: Date.now() + 60_000 }),
    ),
  },
  'gc that deletes': {
    prepare: async (library, folder) => {
      await makeGarbage(library, folder)
      await withRepository(library, folder, ({ store }) =>
        library.collectGarbage(store, { graceMs: 0, nowMs: Date.now() + 60_000 }),
      )
    },
    run: inRepository((library, { store }) =>
      library.collectGarbage(store, { graceMs: 0, nowMs: Date.now() + 120_000 }),
    ),
  },
}
