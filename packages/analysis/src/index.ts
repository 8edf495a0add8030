export {
  type CategoryFigures,
  type CocoEvaluation,
  type CocoRequest,
  evaluateCoco,
  type EvaluatedItem,
  type ObjectMatch,
} from './evaluate/evaluate-coco.ts'
export type { AreaRange, CocoParameters, CocoTask } from './evaluate/coco-parameters.ts'
export type { CocoFigure, CocoSummary } from './evaluate/summarize-coco.ts'
export type { ImageSize } from './evaluate/detection-object.ts'
