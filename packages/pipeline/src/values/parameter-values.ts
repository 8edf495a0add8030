import type { PipelineReader } from '../read/pipeline-reader.ts'
import { readPipelines } from '../read/read-pipelines.ts'
import { readFileValues, type ReadValues, type WantedFile } from './file-values.ts'

const DEFAULT_FILE = 'params.yaml'

/**
 * Returns the values of all parameter files: those of stages, those that values of templates come from, those named
 * at the top of pipeline files, and `params.yaml` in the root where it is there.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE` for a pipeline file
 */
export async function parameterValuesOf(
  reader: PipelineReader,
  {
    onlyUsed = false,
  }: {
    /** Only what stages use. Default false. */
    readonly onlyUsed?: boolean
  } = {},
): Promise<ReadValues> {
  const { stages, parameterFiles, variableFiles } = await readPipelines(reader)
  const used = stages.flatMap((stage) => stage.parameters)
  if (onlyUsed) return readFileValues(reader, joined(used))
  const files = new Set([
    DEFAULT_FILE,
    ...variableFiles,
    ...parameterFiles,
    ...used.map(({ file }) => file),
  ])
  const read = await readFileValues(
    reader,
    [...files].map((file) => ({ file, keys: undefined })),
  )
  const isExpected = (file: string): boolean =>
    parameterFiles.includes(file) || used.some((use) => use.file === file)
  return { ...read, missing: read.missing.filter(isExpected) }
}

function joined(uses: readonly WantedFile[]): readonly WantedFile[] {
  const keys = new Map<string, readonly string[] | undefined>()
  for (const use of uses) {
    const isWhole =
      use.keys === undefined || (keys.has(use.file) && keys.get(use.file) === undefined)
    keys.set(
      use.file,
      isWhole ? undefined : [...new Set([...(keys.get(use.file) ?? []), ...(use.keys ?? [])])],
    )
  }
  return [...keys].map(([file, each]) => ({ file, keys: each }))
}
