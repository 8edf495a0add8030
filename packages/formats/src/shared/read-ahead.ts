/**
 * Yields `work(input)` for each input in order, with up to `width` of them under way, so that waiting
 * for files overlaps and memory stays bounded.
 *
 * @yields the results in the order of `inputs`
 */
export async function* readAhead<Input, Output>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  width: number,
  work: (input: Input) => Promise<Output>,
): AsyncGenerator<Output> {
  const pending: Promise<Output>[] = []
  try {
    for await (const input of inputs) {
      const result = work(input)
      // It may fail before its turn comes; then it is still thrown in its turn.
      result.catch(() => undefined)
      pending.push(result)
      if (pending.length < width) continue
      const first = pending.shift()
      if (first !== undefined) yield await first
    }
    for (let first = pending.shift(); first !== undefined; first = pending.shift())
      yield await first
  } finally {
    await Promise.allSettled(pending)
  }
}
