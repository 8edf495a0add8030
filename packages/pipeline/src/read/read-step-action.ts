import { type Json, nearNames } from '@dsv/core'
import type { Step } from '@dsv/steps'
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
export type StepSignature = Pick<Step, 'name' | 'inputs' | 'options'>

/** The keys of a stage that uses a step, beside those of all stages. */
export const STEP_KEYS: readonly string[] = ['step', 'from', 'into', 'with', 'stored']

/** Returns what a stage with a built-in step does. @throws `DSV_PIPELINE_INVALID` */
export function readStepAction(
  definition: ValueMap,
  place: Place,
  steps: readonly StepSignature[],
): StageParts {
  const { folder } = place.document
  const name = textAt(definition.get('step') ?? null, within(place, 'step'))
  const step = steps.find((each) => each.name === name)
  if (step === undefined) throw unknownStep(name, steps, within(place, 'step'))
  const from = definition.get('from')
  const inputs = (isList(from) ? from : from === undefined || from === null ? [] : [from]).map(
    (each, index) => {
      const at = within(place, 'from', ...(isList(from) ? [index] : []))
      return pathIn(folder, textAt(each, at), at)
    },
  )
  if (inputs.length === 0) throw failAt(place, 'has no `from`')
  if (step.inputs === 'one' && inputs.length > 1)
    throw failAt(within(place, 'from'), `names ${inputs.length} inputs; ${name} takes one`)
  if (!definition.has('into')) throw failAt(place, 'has no `into`')
  const into = within(place, 'into')
  const output = pathIn(folder, textAt(definition.get('into') ?? null, into), into)
  const options = readOptions(step, mapAt(definition.get('with'), within(place, 'with')), place)
  const isStored = booleanAt(definition.get('stored'), within(place, 'stored'), true)
  return {
    action: { kind: 'step', step: name, inputs, output, options },
    dependencies: [...new Set(inputs)],
    parameters: [],
    outputs: [{ path: output, kind: 'data', isStored, persists: false }],
  }
}

function readOptions(
  { name, options: definitions }: StepSignature,
  given: ValueMap,
  stage: Place,
): Readonly<Record<string, Json>> {
  const place = within(stage, 'with')
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
    const typed = typedOption(value, definition.type, at)
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
