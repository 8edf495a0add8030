import type * as AzureSdk from '@azure/storage-blob'
import type { ContainerClient, Pipeline, RequestPolicyFactory } from '@azure/storage-blob'
import { adaptiveLimit } from '../shared/adaptive-limit.ts'
import { type StallOptions, type StallWatch, withStallWatch } from '../shared/stall.ts'
import { parseRetryAfter, type RetryOptions, withRetries } from '../shared/with-retries.ts'
import { azureAnswerOf, isSlowDown, isTransient, WrongAnswer } from './azure-errors.ts'
import { type AzureCredentials, findAzureCredentials } from './find-azure-credentials.ts'
import type { AzureAddress } from './parse-azure-address.ts'

/** What a connection needs besides its address; all of it has defaults. */
export interface AzureContext {
  /** Where secrets come from; the environment of this process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly retries?: Omit<RetryOptions, 'classify' | 'retryAfterMs'>
  readonly stall?: StallOptions
  /** Files above this size are uploaded in blocks; 64 MiB by default. */
  readonly inBlocksAboveBytes?: number
  /** Size of a block; 8 MiB by default. */
  readonly blockBytes?: number
}

/** How one request differs from others. */
export interface AzureRequestRules {
  /** Whether to send it again after this error; when the error is transient by default. */
  readonly mayRepeat?: (error: unknown) => boolean
  readonly signal?: AbortSignal
}

/** An open connection to a container. */
export interface AzureConnection {
  readonly address: AzureAddress
  readonly credentials: AzureCredentials['type']
  readonly container: ContainerClient
  /** Runs a request, again when that may help, and not too many at once. Throws what the SDK throws. */
  readonly request: <Result>(
    run: (abortSignal: AbortSignal) => Promise<Result>,
    rules?: AzureRequestRules,
  ) => Promise<Result>
}

/** A request without an answer from the start is one to a wrong address. */
const REFUSED_AT_MOST = 4
/** A page of a listing has 5,000 names of 1,024 characters, and as much again around each. */
const ANSWER_BYTES = 32 * 1024 * 1024

/** Loads the SDK and connects, which sends nothing yet. */
export async function connectAzure(
  address: AzureAddress,
  context: AzureContext,
): Promise<AzureConnection> {
  const sdk = await import('@azure/storage-blob')
  const credentials = await findAzureCredentials(address, context.env ?? process.env)
  const meters = new WeakMap<object, StallWatch>()
  const pipeline = makePipeline(sdk, address, credentials)
  pipeline.factories.push(meterRequests(meters))
  const query = credentials.sas === undefined ? '' : `?${credentials.sas}`
  const container = new sdk.ContainerClient(
    `${credentials.endpoint}/${address.container}${query}`,
    pipeline,
  )
  const limit = adaptiveLimit({ isSlowDown })
  const { stall = {}, retries = {} } = context
  return {
    address,
    credentials: credentials.type,
    container,
    async request(run, rules = {}) {
      const { signal } = rules
      const attempt = (): ReturnType<typeof run> =>
        withStallWatch(address.location, { ...stall, ...(signal && { signal }) }, (watch) => {
          meters.set(watch.signal, watch)
          return run(watch.signal)
        })
      return withRetries(() => limit.run(attempt), {
        ...retries,
        ...(signal && { signal }),
        classify: classifier(rules.mayRepeat ?? isTransient),
        retryAfterMs: (error) => parseRetryAfter(azureAnswerOf(error).retryAfter, Date.now()),
      })
    },
  }
}

function makePipeline(
  sdk: typeof AzureSdk,
  { account }: AzureAddress,
  { key, token }: AzureCredentials,
): Pipeline {
  const credential =
    key === undefined
      ? (token ?? new sdk.AnonymousCredential())
      : new sdk.StorageSharedKeyCredential(account, key)
  return sdk.newPipeline(credential, { retryOptions: { maxTries: 1 } })
}

/**
 * Counts what goes over the wire for the watch of each request, found by its abort signal, and bounds what
 * the SDK would otherwise read without end.
 */
function meterRequests(meters: WeakMap<object, StallWatch>): RequestPolicyFactory {
  return {
    create: (next) => ({
      async sendRequest(request) {
        const watch = request.abortSignal && meters.get(request.abortSignal)
        if (watch === undefined) return next.sendRequest(request)
        // A file comes as a stream, bounded by its reader. Anything else is read before it is answered.
        let isAnswered = false
        request.onUploadProgress = counter(watch, () => Infinity)
        request.onDownloadProgress = counter(watch, () => (isAnswered ? Infinity : ANSWER_BYTES))
        const answer = await next.sendRequest(request)
        isAnswered = true
        return answer
      },
    }),
  }
}

function counter(
  watch: StallWatch,
  atMost: () => number,
): (progress: { readonly loadedBytes: number }) => void {
  let before = 0
  return ({ loadedBytes }) => {
    watch.moved(loadedBytes - before)
    before = loadedBytes
    if (loadedBytes > atMost()) throw new WrongAnswer(`the answer is longer than ${atMost()} bytes`)
  }
}

/** One classifier for one request: a refused connection is worth fewer attempts. */
function classifier(mayRepeat: (error: unknown) => boolean): RetryOptions['classify'] {
  let refused = 0
  return (error) => {
    if (azureAnswerOf(error).code === 'ECONNREFUSED') refused += 1
    return refused < REFUSED_AT_MOST && mayRepeat(error) ? 'retry' : 'fail'
  }
}
