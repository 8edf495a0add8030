import fs from 'node:fs'
import path from 'node:path'
import { outputNotEmpty, withOutput } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import type { DvcFile, DvcLeftOut, DvcRegistry } from '../dvc/dvc-registry.ts'
import { visitInParallel } from '../dvc/visit-in-parallel.ts'

/** What was written. */
export interface WrittenDvcFiles {
  readonly files: number
  /** What of a folder could not be had, and why. */
  readonly leftOut: readonly DvcLeftOut[]
}

/** Which files of a DVC registry are written, and where to. */
export interface WriteDvcRequest {
  /** A folder or file there; the empty path is everything. */
  readonly path: string
  /** Absolute: a folder that is empty or not there yet; for a file one that is not there. */
  readonly output: string
  readonly signal?: AbortSignal
}

const PARALLEL = 8

/**
 * Writes a folder or file of a DVC registry. When that fails, nothing of it stays.
 *
 * @throws `DSV_OUTPUT_NOT_EMPTY`, and what {@link DvcRegistry.resolve} throws
 */
export async function writeDvcFiles(
  registry: DvcRegistry,
  { path: asked, output, signal }: WriteDvcRequest,
): Promise<WrittenDvcFiles> {
  const leftOut: DvcLeftOut[] = []
  const resolved = registry.resolve(asked, { onLeftOut: (each) => leftOut.push(each) })
  const iterator = resolved[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done !== true && first.value.isWhole) {
    await iterator.return?.()
    await writeFile(first.value, output, signal)
    return { files: 1, leftOut }
  }
  let count = 0
  await withOutput(output, {}, async () => {
    fs.mkdirSync(output, { recursive: true })
    await visitInParallel(from(first, iterator), PARALLEL, async (file) => {
      await writeFile(file, path.join(output, file.path), signal)
      count += 1
    })
  })
  return { files: count, leftOut }
}

async function* from(
  first: IteratorResult<DvcFile>,
  iterator: AsyncIterator<DvcFile>,
): AsyncGenerator<DvcFile> {
  for (let next = first; next.done !== true; next = await iterator.next()) yield next.value
}

async function writeFile(
  file: DvcFile,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  fs.mkdirSync(path.dirname(target), { recursive: true })
  const descriptor = create(target, file.isExecutable ? 0o777 : 0o666)
  try {
    for await (const piece of file.open()) {
      signal?.throwIfAborted()
      fs.writeFileSync(descriptor, piece)
    }
  } catch (error) {
    fs.rmSync(target, { force: true })
    throw error
  } finally {
    fs.closeSync(descriptor)
  }
}

function create(target: string, mode: number): number {
  try {
    return fs.openSync(target, 'wx', mode)
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') throw outputNotEmpty(target)
    throw error
  }
}
