import { Repository } from '@dsv/core'
import type { CommandIo } from './io.ts'
import { openEnvironment } from './open-environment.ts'

/**
 * Opens the repository that the folder of the command lies in, hands it to `work` and closes it.
 *
 * @throws `DSV_REPOSITORY_NOT_FOUND`, and what `work` throws
 */
export async function withRepository<Result>(
  io: CommandIo,
  work: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  const repository = await Repository.open(io.folder, openEnvironment(io))
  try {
    return await work(repository)
  } finally {
    await repository.close()
  }
}
