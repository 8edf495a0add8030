/**
 * Gives every element to `visit`, `parallel` at a time, and waits for all. After a failure no other is
 * begun, and what runs is waited for before the first error is thrown.
 */
export async function visitInParallel<Element>(
  elements: AsyncIterable<Element>,
  parallel: number,
  visit: (element: Element) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  for await (const element of elements) {
    const run = visit(element).then(
      () => void running.delete(run),
      (error: unknown) => {
        failures.push(error)
        running.delete(run)
      },
    )
    running.add(run)
    if (running.size >= parallel) await Promise.race(running)
    if (failures.length > 0) break
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
}
