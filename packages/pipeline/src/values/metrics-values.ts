import type { PipelineReader } from '../read/pipeline-reader.ts'
import { readPipelines } from '../read/read-pipelines.ts'
import type { Value } from '../read/value.ts'
import { readFileValues, type ReadValues } from './file-values.ts'

/**
 * Returns the values of all metrics files: outputs of stages that are metrics, and those named at the top of pipeline
 * files. Lists are no metrics.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE` for a pipeline file
 */
export async function metricsValuesOf(reader: PipelineReader): Promise<ReadValues> {
  const { stages, metricsFiles } = await readPipelines(reader)
  const made = stages.flatMap(({ outputs }) => outputs.filter(({ kind }) => kind === 'metrics'))
  const files = new Set([...made.map(({ path }) => path), ...metricsFiles])
  return readFileValues(
    reader,
    [...files].map((file) => ({ file, keys: undefined })),
    isMetric,
  )
}

function isMetric(value: Value): boolean {
  return value !== null && typeof value !== 'object'
}
