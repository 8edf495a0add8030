import { encodeFile, type Json, type SnapshotPart } from '@dsv/core'
import { buildTree, type WriteSession } from '@dsv/store'

/** Returns a JSON file with metrics, as a step makes it. */
export async function metricsPart(session: WriteSession, metrics: Json): Promise<SnapshotPart> {
  return filePart(session, Buffer.from(`${JSON.stringify(metrics, undefined, 2)}\n`))
}

/** Returns a file, as a step makes it. */
export async function filePart(session: WriteSession, bytes: Uint8Array): Promise<SnapshotPart> {
  const blob = await session.putBlob(bytes)
  const record = { type: 'file', blob, sizeBytes: bytes.length, role: 'none' } as const
  return { files: await buildTree(session, [encodeFile('', record)]), datasets: new Map() }
}
