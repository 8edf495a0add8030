import { type PipelineStage, readPipelines } from '@dsv/pipeline'
import { memoryReader } from './memory-reader.ts'

/** Returns the stages of files by name; a `dvc.yaml` is given as the text of its `stages`. */
export async function stagesOf(
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, PipelineStage>>> {
  const { stages } = await readPipelines(memoryReader(files))
  return Object.fromEntries(stages.map((stage) => [stage.name, stage]))
}

/** Returns the lines of the commands of files, by the name of their stage. */
export async function commandsOf(
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const stages = await stagesOf(files)
  return Object.fromEntries(
    Object.entries(stages).map(([name, { action }]) => [
      name,
      action.kind === 'command' ? action.lines : [],
    ]),
  )
}

/** Returns the message, hint and place of the error that reading files ends with. */
export async function failureOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ readonly message: string; readonly hint?: string; readonly code?: string }> {
  try {
    await readPipelines(memoryReader(files))
  } catch (error) {
    const { message, hint, code } = error as { message: string; hint?: string; code?: string }
    return { message, ...(hint !== undefined && { hint }), ...(code !== undefined && { code }) }
  }
  throw new Error('It could be read.')
}
