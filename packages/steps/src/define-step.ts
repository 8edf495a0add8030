import type { DatasetContent, TransformInput } from '@dsv/core'
import { optionInvalid } from './errors.ts'
import type {
  Step,
  StepContext,
  OptionDefinition,
  OptionDefinitions,
  OptionValues,
} from './step.ts'

/** A step whose `apply` sees the types that its options declare. */
interface StepDefinition<Definitions extends OptionDefinitions> {
  readonly name: string
  readonly summary: string
  /** Default `one`. */
  readonly inputs?: 'one' | 'many'
  readonly options: Definitions
  readonly result?: 'new'
  readonly isItemwise?: true
  /** What its report says. Default: it makes none. */
  readonly report?: string
  readonly apply: (
    inputs: readonly TransformInput[],
    options: OptionValues<Definitions>,
    context: StepContext,
  ) => Promise<DatasetContent>
}

/** Returns the step, which checks its options before it runs. */
export function defineStep<const Definitions extends OptionDefinitions>(
  definition: StepDefinition<Definitions>,
): Step {
  const { name, summary, options, result, isItemwise, report, inputs = 'one' } = definition
  return {
    name,
    summary,
    inputs,
    options,
    ...(result !== undefined && { result }),
    ...(isItemwise !== undefined && { isItemwise }),
    ...(report !== undefined && { report }),
    apply: async (given, values, context) => {
      if (inputs === 'one' && given.length !== 1)
        throw optionInvalid(name, 'inputs', `takes one dataset, not ${given.length}`)
      checkOptions(name, options, values)
      // What `checkOptions` lets through has these types.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return definition.apply(given, values as OptionValues<Definitions>, context)
    },
  }
}

function checkOptions(
  step: string,
  definitions: OptionDefinitions,
  values: Readonly<Record<string, unknown>>,
): void {
  for (const name of Object.keys(values))
    if (values[name] !== undefined && !Object.hasOwn(definitions, name))
      throw optionInvalid(step, name, 'is no option of it')
  for (const [name, definition] of Object.entries(definitions)) {
    const value = values[name]
    if (value === undefined) {
      if (definition.isRequired === true) throw optionInvalid(step, name, 'is missing')
    } else {
      const problem = problemOf(value, definition)
      if (problem !== undefined) throw optionInvalid(step, name, problem)
    }
  }
}

function problemOf(value: unknown, { type, choices }: OptionDefinition): string | undefined {
  if (!isOfType(value, type)) return `is not a ${type}`
  if (choices !== undefined && !choices.some((choice) => choice === value))
    return `is none of ${choices.join(', ')}`
  return undefined
}

function isOfType(value: unknown, type: OptionDefinition['type']): boolean {
  if (type === 'list')
    return Array.isArray(value) && value.every((each) => typeof each === 'string')
  if (type === 'map')
    return (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((each) => typeof each === 'string')
    )
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value)
  return typeof value === type
}
