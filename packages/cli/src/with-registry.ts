import { tmpdir } from 'node:os'
import { Repository } from '@dsv/core'
import { addressFrom, optionsOf } from './remote-address.ts'
import type { CommandIo } from './io.ts'
import { openEnvironment } from './open-environment.ts'
import { withRemote } from './with-remote.ts'

/** Opens a repository elsewhere for reading its versions, hands it to `work` and closes it. */
export async function withRegistry<Result>(
  address: string,
  option: readonly string[],
  io: CommandIo,
  work: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  const url = addressFrom(io.folder, address)
  const remote = { name: url, url, options: optionsOf(option) }
  return withRemote(remote, { base: io.folder, io }, async ({ store }) => {
    // Worker threads can only read folders.
    const local = store.driver.localFolder !== undefined
    const environment = openEnvironment(io)
    const { workerUrl } = environment
    const world = { ...environment, workerUrl: local ? workerUrl : undefined }
    return work(Repository.over(store, tmpdir(), world))
  })
}
