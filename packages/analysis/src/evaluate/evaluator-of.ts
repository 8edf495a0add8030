import type { Category, CategoryKey } from '@dsv/core'
import { classificationEvaluator } from './classification-evaluator.ts'
import { detectionEvaluator } from './detection-evaluator.ts'
import type { EvaluationTask, Evaluator } from './evaluation.ts'
import type { ObjectSlice } from './match-inputs.ts'
import { panopticEvaluator } from './panoptic-evaluator.ts'
import { segmentationEvaluator } from './segmentation-evaluator.ts'
import { vocEvaluator } from './voc-evaluator.ts'

/** What is evaluated, and how. */
export interface EvaluatorOptions {
  readonly task: EvaluationTask
  /** Categories of the truth; predictions of others are not looked at. */
  readonly categories: readonly Category[]
  /** Boxes by the rules of COCO, which is the default, or of PASCAL VOC. */
  readonly protocol?: 'coco' | 'voc'
  /** False compares objects of all categories as one. Default true. */
  readonly useCategories?: boolean
  /** The overlap from which on an object is found, for outcomes, confusion and curves. Default 0.5. */
  readonly iou?: number
  /** Predictions below are left out of outcomes and confusion. Default: none; 0.5 where items have several labels. */
  readonly minScore?: number
  /** Standard deviations of keypoints where the skeleton of the category has none. */
  readonly sigmas?: readonly number[]
  /** Whether items may have several labels. Default false. */
  readonly isMultiLabel?: boolean
  /** What pixels without truth are: a class of their own (default), or left out. */
  readonly background?: 'class' | 'ignore'
  /** Categories of the truth whose pixels are left out. */
  readonly ignored?: readonly CategoryKey[]
  /** Which objects count; only for boxes by COCO's rules, masks and keypoints. */
  readonly slice?: ObjectSlice
}

const COCO_TASKS = { boxes: 'box', masks: 'mask', keypoints: 'points' } as const

/** Returns the evaluator of a task. */
export function evaluatorOf(options: EvaluatorOptions): Evaluator {
  const { task, categories, iou = 0.5, isMultiLabel = false } = options
  switch (task) {
    case 'classification': {
      const minScore = options.minScore ?? (isMultiLabel ? 0.5 : -Infinity)
      return classificationEvaluator({ categories, isMultiLabel, minScore, top: [1, 5] })
    }
    case 'segmentation': {
      const { background = 'class', ignored = [] } = options
      return segmentationEvaluator({ categories, background, ignored: new Set(ignored) })
    }
    case 'panoptic':
      return panopticEvaluator({ categories })
    case 'boxes':
    case 'masks':
    case 'keypoints': {
      if (options.protocol === 'voc' && task === 'boxes') return vocEvaluator({ categories, iou })
      const { useCategories = true, minScore = -Infinity, sigmas, slice } = options
      return detectionEvaluator({
        task: COCO_TASKS[task],
        categories,
        useCategories,
        iou,
        minScore,
        ...(sigmas !== undefined && { sigmas }),
        ...(slice !== undefined && { slice }),
      })
    }
  }
}
