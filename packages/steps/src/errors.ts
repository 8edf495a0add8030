import { DsvError } from '@dsv/store'

/** `DSV_OPTION_INVALID`: a step cannot do what it is told. */
export function optionInvalid(
  step: string,
  option: string,
  problem: string,
): DsvError<'DSV_OPTION_INVALID'> {
  return new DsvError('DSV_OPTION_INVALID', `${step}: \`${option}\` ${problem}`, {
    details: { step, option, problem },
    hint: `See \`dsv transform ${step} --help\` for its options.`,
  })
}

/** `DSV_STEP_UNKNOWN`: there is no step of this name. */
export function stepUnknown(name: string, known: readonly string[]): DsvError<'DSV_STEP_UNKNOWN'> {
  return new DsvError(
    'DSV_STEP_UNKNOWN',
    `There is no step ${JSON.stringify(name.slice(0, 100))}`,
    { details: { name, known }, hint: `There are: ${known.join(', ')}.` },
  )
}
