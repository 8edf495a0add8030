import { DsvError } from '@dsv/store'

/** `DSV_OPTION_INVALID`: an operation cannot do what it is told. */
export function optionInvalid(
  operation: string,
  option: string,
  problem: string,
): DsvError<'DSV_OPTION_INVALID'> {
  return new DsvError('DSV_OPTION_INVALID', `${operation}: \`${option}\` ${problem}`, {
    details: { operation, option, problem },
    hint: `See \`dsv transform ${operation} --help\` for its options.`,
  })
}

/** `DSV_OPERATION_UNKNOWN`: there is no operation of this name. */
export function operationUnknown(
  name: string,
  known: readonly string[],
): DsvError<'DSV_OPERATION_UNKNOWN'> {
  return new DsvError(
    'DSV_OPERATION_UNKNOWN',
    `There is no operation ${JSON.stringify(name.slice(0, 100))}`,
    { details: { name, known }, hint: `There are: ${known.join(', ')}.` },
  )
}
