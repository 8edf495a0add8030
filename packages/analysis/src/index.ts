export {
  type Agreement,
  type AgreementCounter,
  agreementCounter,
  type AgreementFigures,
  type JudgedObject,
  type PairAgreement,
} from './agreement/agreement-counter.ts'
export { type AgreementTable, cohenKappa } from './agreement/cohen-kappa.ts'
export { type AlphaSums, krippendorffAlpha } from './agreement/krippendorff-alpha.ts'
export {
  type CategoryFigures,
  type CocoEvaluation,
  type CocoRequest,
  evaluateCoco,
} from './evaluate/evaluate-coco.ts'
export type { AreaRange, CocoParameters, CocoTask } from './evaluate/coco-parameters.ts'
export type { CocoFigure, CocoSummary } from './evaluate/summarize-coco.ts'
export type { ImageSize } from './evaluate/region-of.ts'
export { cocoImageId, type EvaluatedItem, evaluatedItem } from './evaluate/evaluated-item.ts'
export {
  type CategoryEvaluation,
  type Confusion,
  type Evaluation,
  EVALUATION_TASKS,
  type EvaluationTask,
  type Evaluator,
  type Figures,
  type ObjectMatch,
  type PrecisionRecall,
} from './evaluate/evaluation.ts'
export { evaluatorOf, type EvaluatorOptions } from './evaluate/evaluator-of.ts'
export {
  evaluate,
  type EvaluationReport,
  type EvaluationRequest,
  type SliceEvaluation,
} from './evaluate/evaluate.ts'
export { compileSlice, type Slice } from './evaluate/slice.ts'
export { type SurveyedItems, surveyItems } from './evaluate/survey-items.ts'
export {
  type AnnotationEdit,
  type ComparedEvaluators,
  compareOutcomes,
  type ItemOutcomes,
  type ItemPair,
  type Outcome,
  type OutcomeChange,
} from './evaluate/compare-outcomes.ts'
export { type Bar, type BarChart, barChart } from './html/bar-chart.ts'
export { type HeatMap, heatMap } from './html/heat-map.ts'
export { type Bin, type Histogram, histogram } from './html/histogram.ts'
export { type HtmlTable, htmlTable, type TableCell } from './html/html-table.ts'
export { type ImageFigure, imageFigure } from './html/image-figure.ts'
export { type ChartSeries, type LineChart, lineChart } from './html/line-chart.ts'
export { escapeText, type Markup } from './html/markup.ts'
export { htmlPage, type Page, PAGE_MARK, type PageSection, paragraph } from './html/page.ts'
export {
  type Duplicate,
  type DuplicateContext,
  findDuplicates,
  NEAR_DUPLICATE_DISTANCE,
  primaryImage,
} from './duplicates/find-duplicates.ts'
export { type GreyPixels } from './duplicates/decode-grey.ts'
export { groupHashes, type HashList, MAX_HASH_DISTANCE } from './duplicates/group-hashes.ts'
export { joinedSets, type JoinedSets } from './duplicates/joined-sets.ts'
export { hashDistance, type PerceptualHash, perceptualHash } from './duplicates/perceptual-hash.ts'
export {
  type CheckCount,
  checkDataset,
  type CheckReport,
  type CheckRequest,
  countBySeverity,
} from './check/check-dataset.ts'
export {
  type Check,
  type CheckFamily,
  type CheckFinding,
  type CheckParameter,
  type CheckRepair,
  CHECK_TASKS,
  type CheckTask,
  SEVERITIES,
  type Severity,
} from './check/check.ts'
export { type CheckSelection, chooseChecks, type ChosenCheck } from './check/check-selection.ts'
export { withoutStatedSize } from './check/stated-size.ts'
export { checkedImage } from './check/checked-image.ts'
export { CHECK_FAMILIES, CHECKS } from './check/registry.ts'
export { categoryCounts, categoryCountsText, labelmapText } from './statistics/category-counts.ts'
export type { CustomRequest } from './statistics/custom-tally.ts'
export { divergence } from './statistics/divergence.ts'
export type { NamedSummary } from './statistics/named-tallies.ts'
export {
  type Binning,
  type NumberBin,
  type NumberSummary,
  type NumberTally,
  numberTally,
} from './statistics/number-tally.ts'
export type { PixelFigures } from './statistics/pixel-tally.ts'
export type { ItemName, RepeatedImage, RepeatedImages } from './statistics/repeated-images.ts'
export type { Selection } from './statistics/selected-items.ts'
export type * from './statistics/statistics.ts'
export {
  type StatisticsInput,
  statisticsOf,
  type StatisticsOptions,
} from './statistics/statistics-of.ts'
export type { CountedValue, ValueSummary } from './statistics/value-tally.ts'
export {
  compareStatistics,
  type FigureChange,
  type StatisticsComparison,
} from './statistics/compare-statistics.ts'
export { comparisonPage } from './statistics/comparison-page.ts'
export type { StatisticsTitle } from './statistics/page-pieces.ts'
export { statisticsPage } from './statistics/statistics-page.ts'
