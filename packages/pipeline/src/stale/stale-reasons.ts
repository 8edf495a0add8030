import { isDeepStrictEqual } from 'node:util'
import type { StageRecord } from '../lock/stage-record.ts'
import type { PipelineStage, StepUse } from '../model/pipeline-stage.ts'
import type { ContentIds, StageInputs } from './stage-inputs.ts'

/** Why a stage has to run. */
export type StaleReason =
  /** It never ran, or nobody knows of it. */
  | { readonly kind: 'new' }
  /** It runs each time. */
  | { readonly kind: 'always' }
  | { readonly kind: 'forced' }
  | { readonly kind: 'command' }
  | { readonly kind: 'option'; readonly name: string }
  | { readonly kind: 'parameter'; readonly file: string; readonly key: string }
  | {
      readonly kind: 'dependency' | 'output'
      readonly path: string
      /** Only an output is `unstored`: it is as it was made, and not in the stage. */
      readonly change: 'changed' | 'missing' | 'added' | 'removed' | 'unstored'
    }
  /** A stage that it needs has to run. */
  | { readonly kind: 'upstream'; readonly stage: string }

/** Returns why what a stage made is not what it would make now; nothing when it is. */
export async function staleReasons(
  stage: PipelineStage,
  inputs: StageInputs,
  record: StageRecord | undefined,
  ids: ContentIds,
  holds: Holds = isSameId,
): Promise<readonly StaleReason[]> {
  const reasons: StaleReason[] = []
  const isCallback = stage.dependencies.length === 0 && stage.outputs.length === 0
  if (stage.alwaysRuns || isCallback) reasons.push({ kind: 'always' })
  if (record === undefined) return [...reasons, { kind: 'new' }]
  return [
    ...reasons,
    ...actionReasons(inputs.action, record.action),
    ...parameterReasons(inputs.parameters, record.parameters),
    ...(await dependencyReasons(inputs.dependencies, record.dependencies, holds)),
    ...(await outputReasons(stage, record.outputs, ids, holds)),
  ]
}

/** Returns whether a path that holds what `id` says holds what was recorded. */
export type Holds = (path: string, id: string, recorded: string) => Promise<boolean>

async function isSameId(_path: string, id: string, recorded: string): Promise<boolean> {
  return id === recorded
}

function actionReasons(
  now: StageRecord['action'],
  before: StageRecord['action'],
): readonly StaleReason[] {
  if (isDeepStrictEqual(now, before)) return []
  const [ours, theirs] = [stepsOf(now), stepsOf(before)]
  const isSameChain =
    ours.length > 0 &&
    isDeepStrictEqual(inputsOf(now), inputsOf(before)) &&
    ours.length === theirs.length &&
    ours.every(({ name }, at) => name === theirs[at]?.name)
  const options = isSameChain
    ? ours.flatMap((step, at) => differing(step.options, theirs[at]?.options ?? {}))
    : []
  if (options.length === 0) return [{ kind: 'command' }]
  return [...new Set(options)].map((name) => ({ kind: 'option', name }))
}

function stepsOf(action: StageRecord['action']): readonly StepUse[] {
  return 'steps' in action ? action.steps : []
}

function inputsOf(action: StageRecord['action']): readonly string[] {
  return 'steps' in action ? action.from : []
}

function parameterReasons(
  now: StageRecord['parameters'],
  before: StageRecord['parameters'],
): readonly StaleReason[] {
  const files = new Set([...Object.keys(now), ...Object.keys(before)])
  return [...files].flatMap((file) =>
    differing(now[file] ?? {}, before[file] ?? {}).map((key) => ({
      kind: 'parameter' as const,
      file,
      key,
    })),
  )
}

/** The keys under which two objects hold different values. */
function differing(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): readonly string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].filter((key) => !isDeepStrictEqual(a[key], b[key]))
}

async function dependencyReasons(
  now: StageInputs['dependencies'],
  before: StageRecord['dependencies'],
  holds: Holds,
): Promise<readonly StaleReason[]> {
  const reasons: StaleReason[] = []
  for (const [path, id] of now) {
    const known = before[path]
    if (id === undefined) reasons.push({ kind: 'dependency', path, change: 'missing' })
    else if (known === undefined) reasons.push({ kind: 'dependency', path, change: 'added' })
    else if (!(await holds(path, id, known)))
      reasons.push({ kind: 'dependency', path, change: 'changed' })
  }
  for (const path of Object.keys(before))
    if (!now.has(path)) reasons.push({ kind: 'dependency', path, change: 'removed' })
  return reasons
}

async function outputReasons(
  { outputs }: PipelineStage,
  before: StageRecord['outputs'],
  ids: ContentIds,
  holds: Holds,
): Promise<readonly StaleReason[]> {
  const reasons: StaleReason[] = []
  const paths = new Set(outputs.map(({ path }) => path))
  for (const path of paths) {
    const known = before[path]
    if (known === undefined) {
      reasons.push({ kind: 'output', path, change: 'added' })
      continue
    }
    const id = await ids(path)
    if (id === undefined) reasons.push({ kind: 'output', path, change: 'missing' })
    else if (!(await holds(path, id, known)))
      reasons.push({ kind: 'output', path, change: 'changed' })
  }
  for (const path of Object.keys(before))
    if (!paths.has(path)) reasons.push({ kind: 'output', path, change: 'removed' })
  return reasons
}
