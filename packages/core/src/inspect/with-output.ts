import { readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { outputNotEmpty } from '../errors.ts'

/**
 * Runs `work`, which writes to the folder `output`. The folder has to be empty or not there yet; when
 * `work` fails it is so again.
 *
 * @param options - `force` allows a folder that holds something. What was written stays there then,
 *   even when `work` fails.
 * @throws `DSV_OUTPUT_NOT_EMPTY`, and what `work` throws
 */
export async function withOutput<Result>(
  output: string,
  { force }: { readonly force?: boolean },
  work: () => Promise<Result>,
): Promise<Result> {
  const stat = statSync(output, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isDirectory()) throw outputNotEmpty(output)
  const isEmpty = stat === undefined || readdirSync(output).length === 0
  if (!isEmpty && force !== true) throw outputNotEmpty(output)
  try {
    return await work()
  } catch (error) {
    if (stat === undefined) rmSync(output, { recursive: true, force: true })
    else if (isEmpty) emptyFolder(output)
    throw error
  }
}

function emptyFolder(folder: string): void {
  for (const name of readdirSync(folder))
    rmSync(path.join(folder, name), { recursive: true, force: true })
}
