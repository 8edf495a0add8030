import {
  type AnyId,
  type ObjectId,
  type OperationInfo,
  type Store,
  toBlobId,
  type WriteSession,
} from '@dsv/store'

/** What a test says of its operations. */
export function testInfo(command: string, timeMs = 1_000): OperationInfo {
  return { command, description: `ran ${command}`, user: 'ann', host: 'here', timeMs }
}

/** Stores a commit that holds some text in blobs, one for each line, and returns its id. */
export async function putCommit(
  session: WriteSession,
  text: string,
  parents: readonly AnyId[] = [],
): Promise<ObjectId> {
  const links: AnyId[] = [...parents]
  for (const line of text.split('\n')) links.push(await session.putBlob(Buffer.from(line)))
  return session.putObject('commit', { links, payload: Buffer.from(text) })
}

/** Moves a ref to a new commit with this text; to nothing when it is undefined. */
export async function moveRef(store: Store, name: string, text: string | undefined): Promise<void> {
  await store.write(testInfo(`move ${name}`, store.nowMs()), async (session) => {
    const to = text === undefined ? undefined : await putCommit(session, text)
    await session.publish((root) => ({ refs: [{ name, from: root.refs.get(name), to }] }))
  })
}

/** Reads back everything that a ref holds; fails when some of it is missing or wrong. */
export async function readRef(store: Store, name: string): Promise<string | undefined> {
  const commitId = (await store.readRoot()).refs.get(name)
  if (commitId === undefined) return undefined
  const { links, payload } = await store.objects.getObject('commit', commitId)
  const lines: string[] = []
  for (const link of links) {
    const info = await store.objects.info(link)
    if (info?.kind !== 'blob') continue
    lines.push(Buffer.from(await store.objects.getBlob(toBlobId(link))).toString())
  }
  const text = Buffer.from(payload).toString()
  if (lines.join('\n') !== text) throw new Error(`${name} holds ${lines.join('\n')}, not ${text}`)
  return text
}
