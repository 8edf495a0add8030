import { Repository } from '@dsv/core'
import type { CommandIo } from './io.ts'
import { openEnvironment } from './open-environment.ts'
import { progressLine } from './views/progress-line.ts'

/**
 * Opens the repository that the folder of the command lies in, hands it to `work` and closes it.
 *
 * @throws `DSV_REPOSITORY_NOT_FOUND`, and what `work` throws
 */
export async function withRepository<Result>(
  io: CommandIo,
  work: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  const progress = progressLine(io)
  const repository = await Repository.open(io.folder, openEnvironment(io, progress.update))
  try {
    return await work(repository)
  } finally {
    progress.clear()
    await repository.close()
  }
}
