import { PIPELINE_STEPS } from '../steps/registry.ts'
import { parameterFiles } from '../parameters/parameter-files.ts'
import { openBudget } from './budget.ts'
import { expandStage, type StageContext } from './expand-stage.ts'
import type { Scope } from './fill-templates.ts'
import { loadGlobalVariables, type VariableContext } from './load-variables.ts'
import { readParsingRules } from './read-parsing-rules.ts'
import { readTopLevel, type TopLevel } from './read-top-level.ts'
import type { ParsingRules } from './render-arguments.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { PipelineReader } from './pipeline-reader.ts'
import {
  checkKeys,
  failAt,
  mapAt,
  type PipelineDocument,
  readDocument,
} from './pipeline-document.ts'
import { readStage, type StageDefinition } from './read-stage.ts'

/** What the pipeline files of a repository say. */
export interface Pipelines extends TopLevel {
  /** The files, those of outer folders first. */
  readonly files: readonly string[]
  /** In the order in which they are declared. */
  readonly stages: readonly PipelineStage[]
  /** The files that values in templates may come from. */
  readonly variableFiles: readonly string[]
}

const TOP_KEYS = ['stages', 'vars', 'params', 'metrics', 'plots', 'artifacts', 'datasets']

/**
 * Reads all pipeline files: `dsv.yaml`, and `dvc.yaml` as DVC 3 understands it. Those that lie in an output of a
 * stage are no part of the pipeline.
 *
 * @throws `DSV_PIPELINE_INVALID`, `DSV_PIPELINE_FILE_UNREADABLE`
 */
export async function readPipelines(reader: PipelineReader): Promise<Pipelines> {
  const context = {
    files: parameterFiles(reader),
    budget: openBudget(),
    rules: await readParsingRules(reader),
  }
  const files: string[] = []
  const stages: PipelineStage[] = []
  const tops: TopLevel[] = []
  const made = new Set<string>()
  /** The file of each stage, by folder and name. */
  const names = new Map<string, string>()
  for (const file of (await reader.list()).toSorted(byDepth)) {
    if (foldersOf(file).some((folder) => made.has(folder))) continue
    const bytes = await reader.read(file)
    if (bytes === undefined) continue
    files.push(file)
    const document = readDocument(bytes, file)
    const { top, definitions } = await openPipeline(document, context)
    tops.push(top)
    for await (const definition of definitions) {
      const stage = readStage(definition, PIPELINE_STEPS)
      const address = `${folderOf(file)}\0${stage.name}`
      const twin = names.get(address)
      if (twin !== undefined)
        throw failAt(definition.place, `has the name of a stage in ${twin}`, 'Rename one of them.')
      names.set(address, file)
      for (const { path } of stage.outputs) made.add(path)
      stages.push(stage)
    }
  }
  return {
    files,
    stages,
    parameterFiles: tops.flatMap((top) => top.parameterFiles),
    variableFiles: context.files.found(),
    metricsFiles: tops.flatMap((top) => top.metricsFiles),
    plots: tops.flatMap((top) => top.plots),
  }
}

async function openPipeline(
  document: PipelineDocument,
  { rules, ...context }: VariableContext & { readonly rules: ParsingRules },
): Promise<{ readonly top: TopLevel; readonly definitions: AsyncIterable<StageDefinition> }> {
  checkKeys(document.top, TOP_KEYS, { document, path: [] })
  const place = { document, path: ['vars'] }
  const variables = await loadGlobalVariables(document.top.get('vars'), place, context)
  const scope: Scope = {
    loop: new Map(),
    variables: variables.values,
    budget: context.budget,
    rules,
  }
  return {
    top: readTopLevel(document, scope),
    definitions: definitionsOf(document, { ...context, variables, scope }),
  }
}

async function* definitionsOf(
  document: PipelineDocument,
  context: StageContext,
): AsyncGenerator<StageDefinition> {
  const stages = mapAt(document.top.get('stages'), { document, path: ['stages'] })
  for (const [name, value] of stages)
    yield* expandStage(name, value, { document, path: ['stages', name] }, context)
}

/** `a.yaml` before `a/a.yaml`; `dsv.yaml` before `dvc.yaml`. */
function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : a > b ? 1 : 0)
}

/** Returns the folders that a path lies in, and itself. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** Returns the folder of a path, with its final `/`. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
