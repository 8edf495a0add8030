export type {
  OptionDefinition,
  OptionDefinitions,
  Step,
  StepContext,
  StepNote,
  StepReport,
} from './step.ts'
export { stepNamed, STEPS } from './registry.ts'
export { stepUnknown, optionInvalid } from './errors.ts'
