import { DsvError } from '@dsv/core'

/** `DSV_PATH_OUTSIDE`: a path that was typed lies outside of the working tree. */
export function pathOutside(typed: string, root: string): DsvError<'DSV_PATH_OUTSIDE'> {
  return new DsvError('DSV_PATH_OUTSIDE', `Path ${typed} is outside of the repository at ${root}`, {
    details: { path: typed, root },
    hint: 'Name files below that folder, or go to the repository they are in.',
  })
}

/** `DSV_RESULTS_AMBIGUOUS`: results name images by an id that two items have. */
export function resultsAmbiguous(
  dataset: string,
  imageId: unknown,
): DsvError<'DSV_RESULTS_AMBIGUOUS'> {
  return new DsvError(
    'DSV_RESULTS_AMBIGUOUS',
    `Two items of ${dataset || '.'} have the COCO id ${JSON.stringify(imageId)}`,
    {
      details: { dataset, imageId },
      hint: `Evaluate one subset: --where 'subset = "val"'.`,
    },
  )
}

/** `DSV_PREDICTIONS_UNKNOWN`: a dataset has no such layer of predictions, none at all, or several. */
export function predictionsUnknown(
  dataset: string,
  asked: string | undefined,
  layers: readonly string[],
): DsvError<'DSV_PREDICTIONS_UNKNOWN'> {
  const place = dataset || '.'
  const known = layers.slice(0, 8).join(', ')
  const message =
    asked !== undefined
      ? `Dataset ${place} has no layer ${JSON.stringify(asked)}`
      : layers.length === 0
        ? `Dataset ${place} has no predictions`
        : `Dataset ${place} has several layers of predictions`
  return new DsvError('DSV_PREDICTIONS_UNKNOWN', message, {
    details: { dataset, asked, layers },
    hint:
      layers.length === 0
        ? 'Put a file of COCO results beside its annotations and add it, or name one with --predictions-file.'
        : `Name one with --predictions: ${known}.`,
  })
}

/** `DSV_CHECK_FAILED`: datasets that were to be committed have errors. Nothing was committed. */
export function checkFailed(
  datasets: readonly string[],
  errors: number,
): DsvError<'DSV_CHECK_FAILED'> {
  const names = datasets.map((path) => path || '.').join(', ')
  return new DsvError(
    'DSV_CHECK_FAILED',
    `Nothing was committed: there ${errors === 1 ? 'is 1 error' : `are ${errors} errors`} in ${names}`,
    {
      details: { datasets, errors },
      hint: 'See all of them with `dsv check`. `dsv commit --no-check` commits all the same.',
    },
  )
}
