import { DsvError } from '@dsv/store'

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
