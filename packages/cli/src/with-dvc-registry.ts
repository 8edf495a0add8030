import type { Repository } from '@dsv/core'
import { type DvcRegistry, dvcSource, openDvcRegistry, withPartRepository } from '@dsv/remote'
import type { CommandIo } from './io.ts'
import { dvcOptions, type RegistryAddress } from './open-source.ts'
import { openEnvironment } from './open-environment.ts'
import { leftOutLines } from './views/left-out-lines.ts'

/** Opens a revision of a Git repository with DVC, hands it to `work` and closes it. */
export async function withDvcRegistry<Result>(
  address: RegistryAddress,
  rev: string | undefined,
  io: CommandIo,
  work: (registry: DvcRegistry) => Promise<Result>,
): Promise<Result> {
  const options = dvcOptions(address, { base: io.folder, io })
  const registry = await openDvcRegistry(address.url, { ...options, rev })
  try {
    return await work(registry)
  } finally {
    await registry.close()
  }
}

/** Fetches a folder of a DVC registry, reads its datasets and hands it to `work` as a repository. */
export async function withDvcFolder<Result>(
  address: RegistryAddress,
  { rev, inside }: { readonly rev: string | undefined; readonly inside: string },
  io: CommandIo,
  work: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  const source = dvcSource(address.url, dvcOptions(address, { base: io.folder, io }))
  try {
    const request = { commit: await source.commitOf(rev), path: inside }
    const environment = openEnvironment(io)
    return await withPartRepository(source, request, environment, async (repository, copied) => {
      for (const line of leftOutLines(copied.leftOut)) io.note(`${line}\n`)
      return work(repository)
    })
  } finally {
    await source.close()
  }
}
