export type { Step, StepContext, StepNote, OptionDefinition, OptionDefinitions } from './step.ts'
export { stepNamed, STEPS } from './registry.ts'
export { stepUnknown, optionInvalid } from './errors.ts'
