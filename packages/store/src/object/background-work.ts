/**
 * Runs a few pieces of work while their caller goes on. What fails is thrown by the call after it, so a
 * caller must end with {@link BackgroundWork.finish}, or with {@link BackgroundWork.settle}.
 */
export class BackgroundWork {
  readonly #limit: number
  readonly #running = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  /** Runs at most `limit` at the same time. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Begins a piece of work as soon as there is room. @throws what an earlier piece threw */
  async begin(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running)
    this.#throwFailure()
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Waits until all is done. @throws what a piece threw */
  async finish(): Promise<void> {
    await this.settle()
    this.#throwFailure()
  }

  /** Waits until nothing runs any more, however it ended. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
