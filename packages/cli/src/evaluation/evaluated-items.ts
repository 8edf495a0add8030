import { type EvaluatedItem, evaluatedItem } from '@dsv/analysis'
import { type AnnotatedItem, compileQuery, type Json, type StoredDataset } from '@dsv/core'
import { cocoImageIds, readCocoResults, type ResultsContext } from '@dsv/formats'
import { resultsAmbiguous } from '../errors.ts'

/** Where predictions come from. */
export type PredictionSource =
  | { readonly type: 'layer'; readonly layer: string }
  /** COCO results; an absolute path. */
  | { readonly type: 'file'; readonly file: string }

/** Which items are evaluated, and with what. */
export interface ItemsRequest {
  readonly dataset: StoredDataset
  readonly predictions: PredictionSource
  /** A query that items have to match. */
  readonly where: string | undefined
}

/** Goes over items; a quiet pass reports nothing of what cannot be read or joined. */
export type EvaluatedItems = (isQuiet?: boolean) => AsyncGenerator<EvaluatedItem, void, undefined>

/**
 * Returns a function that goes over the items of a dataset, with their predictions, in key order.
 *
 * @throws `DSV_RESULTS_AMBIGUOUS`, `DSV_FORMAT_SYNTAX`
 */
export function evaluatedItems(
  { dataset: { path, view }, predictions, where }: ItemsRequest,
  context: ResultsContext,
): EvaluatedItems {
  const query = where === undefined ? undefined : compileQuery(where, view.schema)
  const matching = async function* (): AsyncGenerator<AnnotatedItem> {
    for await (const item of view.items()) {
      context.signal.throwIfAborted()
      if (query === undefined || query.matchesItem(item)) yield item
    }
  }
  if (predictions.type === 'layer')
    return async function* () {
      for await (const item of matching()) yield evaluatedItem(item, predictions.layer)
    }
  let known: Promise<ReturnType<typeof cocoImageIds>> | undefined
  const imageIds = async (): ReturnType<typeof idsOf> => idsOf(matching(), path)
  return async function* (isQuiet = false) {
    const ids = await (known ??= imageIds())
    const results = readCocoResults(
      predictions.file,
      ids,
      view.schema,
      isQuiet ? { ...context, onLoss: () => {}, onProblem: () => {} } : context,
    )
    try {
      for await (const item of matching()) {
        const found = await results.next()
        yield evaluatedItem(item, found.done === true ? [] : found.value)
      }
    } finally {
      await results.return()
    }
  }
}

async function idsOf(
  items: AsyncIterable<AnnotatedItem>,
  dataset: string,
): Promise<ReturnType<typeof cocoImageIds>> {
  const stated: (Json | undefined)[] = []
  for await (const { extra } of items) {
    const coco = extra?.['coco']
    stated.push(typeof coco === 'object' && coco !== null && 'id' in coco ? coco.id : undefined)
  }
  const ids = cocoImageIds(stated)
  const seen = new Set<unknown>()
  for (const id of ids) {
    if (seen.has(id)) throw resultsAmbiguous(dataset, id)
    seen.add(id)
  }
  return ids
}
