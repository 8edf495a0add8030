import { nearNames } from '@dsv/core'
import { DsvError } from '@dsv/store'

/** `DSV_SLICE_TOO_FINE`: a slice has so many values that their figures would say nothing. */
export function sliceTooFine(slice: string, most: number): DsvError<'DSV_SLICE_TOO_FINE'> {
  return new DsvError(
    'DSV_SLICE_TOO_FINE',
    `The slice ${JSON.stringify(slice)} has more than ${most} values`,
    { details: { slice, most }, hint: 'Slice by a condition: --slice "media.width > 1000".' },
  )
}

/** `DSV_EVALUATION_SIGMAS_MISSING`: nothing says how exactly the keypoints of a category can be placed. */
export function evaluationSigmasMissing(
  category: string,
  points: number,
): DsvError<'DSV_EVALUATION_SIGMAS_MISSING'> {
  return new DsvError(
    'DSV_EVALUATION_SIGMAS_MISSING',
    `The category ${JSON.stringify(category)} has ${points} keypoints and no sigmas`,
    {
      details: { category, points },
      hint: 'Give one sigma for each keypoint with --sigmas. Only for the 17 keypoints of COCO are they known.',
    },
  )
}

/** `DSV_CHECK_UNKNOWN`: there is no check of this name, or it has no such parameter. */
export function checkUnknown(
  name: string,
  known: readonly string[],
): DsvError<'DSV_CHECK_UNKNOWN'> {
  const near = nearNames(name, known)
  return new DsvError(
    'DSV_CHECK_UNKNOWN',
    `There is no check ${JSON.stringify(name.slice(0, 100))}`,
    {
      details: { name, near },
      hint:
        near.length > 0
          ? `Do you mean ${near.join(' or ')}?`
          : 'See `dsv check --list` for all of them.',
    },
  )
}
