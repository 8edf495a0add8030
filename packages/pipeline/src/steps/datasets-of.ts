import type { DatasetView } from '@dsv/core'
import type { PipelineInput } from './pipeline-step.ts'

/** Returns the inputs as datasets. @throws `DSV_DATASET_UNKNOWN` */
export async function datasetsOf(
  inputs: readonly PipelineInput[],
): Promise<readonly { readonly path: string; readonly view: DatasetView }[]> {
  return Promise.all(inputs.map(async ({ path, view }) => ({ path, view: await view() })))
}
