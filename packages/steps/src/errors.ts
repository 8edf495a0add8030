import { nearNames } from '@dsv/core'
import { DsvError } from '@dsv/store'

/** `DSV_OPTION_INVALID`: a step cannot do what it is told. */
export function optionInvalid(
  step: string,
  option: string,
  problem: string,
  advice?: string,
): DsvError<'DSV_OPTION_INVALID'> {
  return new DsvError('DSV_OPTION_INVALID', `${step}: \`${option}\` ${problem}`, {
    details: { step, option, problem },
    hint: advice ?? `See \`dsv transform ${step} --help\` for its options.`,
  })
}

/** Returns the error for an option that names what is not there, with what may be meant. */
export function unknownName(
  step: string,
  option: string,
  name: string,
  known: readonly string[],
): DsvError<'DSV_OPTION_INVALID'> {
  const near = nearNames(name, known)
  const advice =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : `There are: ${known.slice(0, 20).join(', ') || 'none'}.`
  return optionInvalid(
    step,
    option,
    `names ${JSON.stringify(name.slice(0, 100))}, which is not there`,
    advice,
  )
}

/** `DSV_STEP_UNKNOWN`: there is no step of this name. */
export function stepUnknown(name: string, known: readonly string[]): DsvError<'DSV_STEP_UNKNOWN'> {
  const near = nearNames(name, known)
  return new DsvError(
    'DSV_STEP_UNKNOWN',
    `There is no step ${JSON.stringify(name.slice(0, 100))}`,
    {
      details: { name, known },
      hint:
        near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are: ${known.join(', ')}.`,
    },
  )
}

/** `DSV_ITEMS_COLLIDE`: two items of a dataset would get the same subset and id. */
export function itemsCollide(
  step: string,
  key: string,
  items: readonly [string, string],
): DsvError<'DSV_ITEMS_COLLIDE'> {
  const [first, second] = items.map((item) => JSON.stringify(item))
  return new DsvError(
    'DSV_ITEMS_COLLIDE',
    `${step}: ${first} and ${second} would both become ${JSON.stringify(key)}`,
    {
      details: { step, key, items },
      hint: "Give them names that differ: `dsv transform rename --match '^' --to '{subset}_'` puts the subset before each. Nothing was changed.",
    },
  )
}

/** `DSV_DATASETS_CONFLICT`: datasets that shall become one say two things of one category or item. */
export function datasetsConflict(
  what: string,
  name: string,
  datasets: readonly string[],
): DsvError<'DSV_DATASETS_CONFLICT'> {
  const [first, second] = datasets.map((path) => path || '.')
  return new DsvError(
    'DSV_DATASETS_CONFLICT',
    `${first} and ${second} differ in ${what}: ${JSON.stringify(name.slice(0, 100))}`,
    {
      details: { what, name, datasets },
      hint: 'Make them agree, or follow the first of them with `--conflicts report`.',
    },
  )
}
