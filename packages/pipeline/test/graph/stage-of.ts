import type { PipelineStage } from '@dsv/pipeline'

/** A stage that reads some paths and makes others. */
export function stageOf(
  name: string,
  dependencies: readonly string[],
  outputs: readonly string[],
): PipelineStage {
  return {
    file: 'dsv.yaml',
    name,
    action: { kind: 'command', lines: [`make ${name}`], folder: '' },
    dependencies,
    parameters: [],
    outputs: outputs.map((path) => ({ path, kind: 'data', isStored: true, persists: false })),
    isFrozen: false,
    alwaysRuns: false,
  }
}
