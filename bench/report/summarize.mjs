/** Returns median, least and greatest of one figure, of the results that were right. */
export function summarize(results, shape, tool, operation, figure = 'wallSeconds') {
  const values = results
    .filter((each) => each.ok && each.shape === shape && each.tool === tool)
    .filter((each) => operation === '*' || each.operation === operation)
    .map((each) => each[figure])
    .filter((value) => value !== undefined)
    .toSorted((a, b) => a - b)
  if (values.length === 0) return undefined
  const middle = values.length >> 1
  const median =
    values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
  return { median, least: values[0], greatest: values.at(-1), runs: values.length }
}

/** Returns how each promise fared: kept, broken, or not measured. */
export function judge(results, promises) {
  return promises.map((promise) => ({ ...promise, ...judgeOne(results, promise) }))
}

function judgeOne(results, promise) {
  const { shape, operation } = promise
  const failed = results.filter(
    (each) =>
      !each.ok && each.shape === shape && each.tool === 'dsv' && each.operation === operation,
  )
  if (failed.length > 0) return { verdict: failed[0].problem === 'missing' ? 'missing' : 'wrong' }
  if (promise.type === 'most') {
    const found = summarize(results, shape, 'dsv', operation, promise.figure)
    if (found === undefined) return { verdict: 'not measured' }
    const value = promise.figure === 'rssBytes' ? found.greatest : found.median
    return { verdict: value <= promise.limit ? 'kept' : 'broken', value }
  }
  const ours = summarize(results, shape, 'dsv', operation)
  const theirs = summarize(results, shape, promise.peer, operation)
  if (ours === undefined || theirs === undefined) return { verdict: 'not measured' }
  const value = theirs.median / ours.median
  return { verdict: value >= promise.least ? 'kept' : 'broken', value }
}
