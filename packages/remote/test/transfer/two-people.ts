import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Environment, type InitOptions, Repository } from '@dsv/core'
import { type StorageDriver, Store } from '@dsv/store'
import { openRemote, type RemoteRepository } from '@dsv/remote'
import { tinyEnvironment } from '../../../core/test/tiny-format.ts'

/** Makes an empty repository in a storage and returns how to open it. */
export async function emptyRemote(driver: StorageDriver): Promise<() => Promise<RemoteRepository>> {
  await Store.create(driver)
  return async () => openRemote('origin', driver)
}

/** Makes an empty repository with a working tree in a temporary folder. */
export async function emptyRepository(
  changes: Partial<Environment> = {},
  options: InitOptions = {},
): Promise<{ readonly repository: Repository; readonly close: () => Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dsv-remote-test-'))
  const repository = await Repository.init(folder, tinyEnvironment(changes), options)
  return {
    repository,
    close: async () => {
      await repository.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
