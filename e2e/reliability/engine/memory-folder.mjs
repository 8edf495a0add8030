/** Returns a folder that holds `files` (path → bytes), as adapters read it. */
export function memoryFolder(library, files) {
  const paths = Object.keys(files).toSorted()
  const bytesOf = (at) => {
    if (!Object.hasOwn(files, at)) throw library.fileNotFound(at)
    return Buffer.from(files[at])
  }
  return {
    list: async (under = '') =>
      under === '' ? paths : paths.filter((at) => at.startsWith(`${under}/`)),
    has: async (at) => Object.hasOwn(files, at),
    read: async (at) => bytesOf(at),
    open: async (at) => library.memoryFile(bytesOf(at)),
  }
}

/** Reads a whole dataset as `add` would, and returns how many items it has. */
export async function readWhole(library, format, files, onError = 'fail') {
  const folder = memoryFolder(library, files)
  const adapter = await library.loadAdapter(format)
  await adapter.detect(folder)
  const context = {
    signal: new AbortController().signal,
    onLoss: () => {},
    onError,
    onProblem: () => {},
    probe: async (at) => library.probeMedia(folder, at),
  }
  const stream = await adapter.read(folder, context)
  let items = 0
  for await (const item of stream.items) {
    items += 1
    // What a reader hands on must be something that can be stored.
    library.encodeItemKey(item)
    for (const drafts of Object.values(item.layers)) {
      for (const draft of drafts) {
        if (!library.isAnnotationDraft(draft)) throw new Error(`no draft: ${JSON.stringify(draft)}`)
      }
    }
  }
  return items
}
