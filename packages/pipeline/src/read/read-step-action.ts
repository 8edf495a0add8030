import { type Json, nearNames } from '@dsv/core'
import type { Step } from '@dsv/steps'
import type { PipelineStep } from '../steps/pipeline-step.ts'
import { pathIn } from './path-in.ts'
import {
  booleanAt,
  checkKeys,
  failAt,
  mapAt,
  type Place,
  textAt,
  within,
} from './pipeline-document.ts'
import type { StageParts } from './stage-parts.ts'
import { isList, isMap, kindOf, type Value, type ValueMap } from './value.ts'

/** What has to be known of a step to read a stage that uses it. */
export type StepSignature = Pick<Step, 'name' | 'inputs' | 'options'> &
  Partial<Pick<PipelineStep, 'makes'>>

/** The keys of a stage that uses steps, beside those of all stages. */
export const STEP_KEYS: readonly string[] = [
  'step',
  'with',
  'steps',
  'from',
  'into',
  'format',
  'stored',
  'report',
]

/** Whether a stage uses steps. */
export function usesSteps(definition: ValueMap, { document }: Place): boolean {
  return document.hasSteps && (definition.has('step') || definition.has('steps'))
}

/** Returns what a stage with built-in steps does. @throws `DSV_PIPELINE_INVALID` */
export function readStepAction(
  definition: ValueMap,
  place: Place,
  known: readonly StepSignature[],
): StageParts {
  const uses = readUses(definition, place, known)
  const inputs = readInputs(definition, place)
  checkInputs(uses, inputs, place)
  const output = pathAt(definition, 'into', place)
  if (output === undefined) throw failAt(place, 'has no `into`')
  const report = pathAt(definition, 'report', place)
  const format = definition.get('format') ?? undefined
  const isStored = booleanAt(definition.get('stored'), within(place, 'stored'), true)
  const kind = uses.at(-1)?.step.makes === 'metrics' ? 'metrics' : 'data'
  return {
    action: {
      kind: 'steps',
      inputs,
      output,
      steps: uses.map(({ step: { name }, options }) => ({ name, options })),
      ...(format !== undefined && { format: textAt(format, within(place, 'format')) }),
      ...(report !== undefined && { report }),
    },
    dependencies: [...new Set([...inputs, ...uses.flatMap(filesOf)])],
    parameters: [],
    outputs: [
      { path: output, kind, isStored, persists: false },
      ...(report === undefined
        ? []
        : [{ path: report, kind: 'metrics' as const, isStored: true, persists: false }]),
    ],
  }
}

/** A step with its options, and where it stands. */
interface PlacedUse {
  readonly step: StepSignature
  readonly options: Readonly<Record<string, Json>>
  readonly place: Place
}

/** One step as `step` and `with`, or several as a list of names, each alone or with its options. */
function readUses(
  definition: ValueMap,
  place: Place,
  known: readonly StepSignature[],
): readonly PlacedUse[] {
  if (definition.has('step')) {
    const extra = ['steps'].find((key) => definition.has(key))
    if (extra !== undefined) throw failAt(within(place, extra), 'cannot stand beside `step`')
    const at = within(place, 'step')
    const step = stepAt(textAt(definition.get('step') ?? null, at), known, at)
    const options = within(place, 'with')
    return [{ step, options: readOptions(step, definition.get('with'), options), place: at }]
  }
  if (definition.has('with')) throw failAt(within(place, 'with'), 'belongs to `step`')
  const all = within(place, 'steps')
  const list = definition.get('steps')
  if (!isList(list) || list.length === 0) throw failAt(all, 'is no list of steps')
  return list.map((each, index) => {
    const at = within(all, index)
    const [name, given] = isMap(each) && each.size === 1 ? (first(each) ?? []) : [each, undefined]
    const step = stepAt(textAt(name ?? null, at), known, at)
    return { step, options: readOptions(step, given, within(at, step.name)), place: at }
  })
}

function first(map: ValueMap): readonly [string, Value] | undefined {
  const [entry] = map
  return entry
}

function stepAt(name: string, known: readonly StepSignature[], place: Place): StepSignature {
  const step = known.find((each) => each.name === name)
  if (step === undefined) throw unknownStep(name, known, place)
  return step
}

function readInputs(definition: ValueMap, place: Place): readonly string[] {
  const { folder } = place.document
  const from = definition.get('from')
  const inputs = (isList(from) ? from : from === undefined || from === null ? [] : [from]).map(
    (each, index) => {
      const at = within(place, 'from', ...(isList(from) ? [index] : []))
      return pathIn(folder, textAt(each, at), at)
    },
  )
  if (inputs.length === 0) throw failAt(place, 'has no `from`')
  return inputs
}

/** Files that options name: a step reads them as it reads its inputs. */
function filesOf({ step, options }: PlacedUse): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    step.options[name]?.isFile === true && typeof value === 'string' ? [value] : [],
  )
}

function pathAt(definition: ValueMap, key: string, place: Place): string | undefined {
  const value = definition.get(key)
  if (value === undefined || value === null) return undefined
  const at = within(place, key)
  return pathIn(place.document.folder, textAt(value, at), at)
}

function checkInputs(uses: readonly PlacedUse[], inputs: readonly string[], place: Place): void {
  const [head] = uses
  if (head?.step.inputs === 'one' && inputs.length > 1) {
    const problem = `names ${inputs.length} inputs; ${head.step.name} takes one`
    throw failAt(within(place, 'from'), problem)
  }
}

function readOptions(
  { name, options: definitions }: StepSignature,
  written: Value | undefined,
  place: Place,
): Readonly<Record<string, Json>> {
  const given = mapAt(written, place)
  checkKeys(given, Object.keys(definitions), place)
  const options: Record<string, Json> = {}
  for (const [option, definition] of Object.entries(definitions)) {
    const at = within(place, option)
    const value = given.get(option)
    if (value === undefined || value === null) {
      if (definition.isRequired === true)
        throw failAt(
          place,
          `has no \`${option}\`, which ${name} needs`,
          `It is: ${definition.describe}.`,
        )
      continue
    }
    const typed =
      definition.isFile === true
        ? pathIn(at.document.folder, textAt(value, at), at)
        : typedOption(value, definition.type, at)
    const { choices } = definition
    if (choices !== undefined && !choices.some((choice) => choice === typed))
      throw failAt(at, `is ${JSON.stringify(typed)}`, `Allowed are ${choices.join(', ')}.`)
    options[option] = typed
  }
  return options
}

function typedOption(value: Value, type: Step['options'][string]['type'], place: Place): Json {
  switch (type) {
    case 'boolean':
      return booleanAt(value, place, false)
    case 'number': {
      const number = typeof value === 'bigint' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isFinite(number))
        throw failAt(place, `is ${kindOf(value)}, not a number`)
      return number
    }
    case 'list':
      return isList(value)
        ? value.map((each, index) => textAt(each, within(place, index)))
        : [textAt(value, place)]
    case 'map': {
      if (!isMap(value)) throw failAt(place, `is ${kindOf(value)}, not a mapping`)
      return Object.fromEntries(
        [...value].map(([key, each]) => [
          key,
          each === null ? '' : textAt(each, within(place, key)),
        ]),
      )
    }
    case 'string':
      return textAt(value, place)
  }
}

function unknownStep(name: string, steps: readonly StepSignature[], place: Place): Error {
  const names = steps.map((step) => step.name)
  const [near] = nearNames(name, names)
  const guess = near === undefined ? '' : `Is \`${near}\` meant? `
  return failAt(place, `names no step: ${name}`, `${guess}There are ${names.join(', ')}.`)
}
