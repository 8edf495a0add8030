import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { StorageDriver } from '../driver/storage-driver.ts'
import { folderDriver } from '../driver/folder-driver.ts'
import type { ClosableObjectReader } from '../object/object-reader.ts'
import { beginObjectWrites } from '../object/object-write-session.ts'
import type { RootRecord } from './root-record.ts'
import type { WriteSession } from './write-session.ts'

/** What a draft stands on. */
export interface DraftContext {
  readonly driver: StorageDriver
  readonly reader: ClosableObjectReader
  readonly root: RootRecord
}

/**
 * Runs `work` with a session that reads the repository and writes to a temporary folder, which is
 * deleted afterwards: nothing of the repository is touched, so it may be read-only.
 */
export async function withDraftSession<Result>(
  { driver, reader, root }: DraftContext,
  work: (session: WriteSession) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'dsv-draft-'))
  const { packBelowBytes } = driver
  const writes = beginObjectWrites(folderDriver(folder, { packBelowBytes }), reader)
  const session: WriteSession = {
    ...writes,
    root,
    checkpoint: async () => {},
    publish: async () => {
      throw new Error('A draft cannot be published.')
    },
  }
  try {
    return await work(session)
  } finally {
    await session.abandon()
    rmSync(folder, { recursive: true, force: true })
  }
}
