export type {
  Operation,
  OperationContext,
  OperationNote,
  OptionDefinition,
  OptionDefinitions,
} from './operation.ts'
export { operationNamed, OPERATIONS } from './registry.ts'
export { operationUnknown, optionInvalid } from './errors.ts'
