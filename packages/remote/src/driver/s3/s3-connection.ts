import type * as S3Sdk from '@aws-sdk/client-s3'
import type { HeadObjectCommandOutput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { type AdaptiveLimit, adaptiveLimit } from '../shared/adaptive-limit.ts'
import { type StallOptions, withStallWatch } from '../shared/stall.ts'
import { parseRetryAfter, type RetryOptions, withRetries } from '../shared/with-retries.ts'
import { meterClient, type RequestMeter } from './meter-client.ts'
import type { S3Address } from './parse-s3-address.ts'
import { s3AnswerOf } from './s3-answer.ts'
import { isSlowDown, isTransient } from './s3-errors.ts'

/** What a connection needs besides its address; all of it has defaults. */
export interface S3Context {
  /** Where keys come from before the files and services that the SDK knows. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly retries?: Omit<RetryOptions, 'classify' | 'retryAfterMs'>
  readonly stall?: StallOptions
  /** Files from this size on are uploaded in parts; 80 MiB by default, more than a pack has. */
  readonly inPartsFromBytes?: number
  /** From this size on it is asked first whether the file is there; 1 MiB by default. */
  readonly askFromBytes?: number
  /** Whether to send the checksums of AWS, which many other servers refuse; only to AWS by default. */
  readonly hasChecksums?: boolean
  /** Size of a part; 8 MiB by default. S3 wants 5 MiB at least. */
  readonly partBytes?: number
}

/** What a single request gets. */
export interface S3Attempt {
  readonly client: S3Client
  /** To be passed on to `client.send`. */
  readonly options: { readonly abortSignal: AbortSignal }
}

/** How one request differs from others. */
export interface S3RequestRules {
  /** Whether to send it again after this error; when the error is transient by default. */
  readonly mayRepeat?: (error: unknown) => boolean
  /** Whether the server may think about it for minutes. */
  readonly isSlow?: boolean
  /** Whether the answer is a file, whose reader bounds it. */
  readonly isFile?: boolean
  readonly signal?: AbortSignal
}

/** An open connection to a bucket. */
export interface S3Connection {
  readonly sdk: typeof S3Sdk
  readonly address: S3Address
  readonly limit: AdaptiveLimit
  /** Whether what is sent has a CRC-32, which the server keeps; otherwise it has an MD5. */
  readonly hasChecksums: boolean
  /** Runs a request, again when that may help, and not too many at once. Throws what the SDK throws. */
  readonly request: <Result>(
    run: (attempt: S3Attempt) => Promise<Result>,
    rules?: S3RequestRules,
  ) => Promise<Result>
  /** Returns what HEAD says about a file, or undefined when there is none. */
  readonly head: (key: string) => Promise<HeadObjectCommandOutput | undefined>
  /** Closes the sockets. */
  readonly close: () => void
}

/** A request without an answer from the start is one to a wrong address. */
const REFUSED_AT_MOST = 4
const SLOW_FACTOR = 10

/** Loads the SDK and connects, which sends nothing yet. */
export async function connectS3(address: S3Address, context: S3Context): Promise<S3Connection> {
  // dsv states itself which versions of Node it runs on.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  const sdk = await import('@aws-sdk/client-s3')
  const { env = process.env, hasChecksums = address.endpoint === undefined } = context
  const client = new sdk.S3Client(clientConfig(address, env, hasChecksums))
  const meters = new WeakMap<object, RequestMeter>()
  meterClient(client, meters)
  const limit = adaptiveLimit({ isSlowDown })
  const { stall = {}, retries = {} } = context

  const connection: S3Connection = {
    sdk,
    address,
    limit,
    hasChecksums,
    request(run, rules = {}) {
      const { isSlow = false, isFile = false, signal } = rules
      const window = (stall.windowMs ?? 30_000) * (isSlow ? SLOW_FACTOR : 1)
      const attempt = (): ReturnType<typeof run> =>
        withStallWatch(
          address.location,
          { ...stall, windowMs: window, ...(signal && { signal }) },
          (watch) => {
            meters.set(watch.signal, { watch, isFile })
            return run({ client, options: { abortSignal: watch.signal } })
          },
        )
      return withRetries(() => limit.run(attempt), {
        ...retries,
        ...(signal && { signal }),
        classify: classifier(rules.mayRepeat ?? isTransient),
        retryAfterMs: (error) =>
          parseRetryAfter(s3AnswerOf(error).headers['retry-after'], Date.now()),
      })
    },
    async head(key) {
      try {
        return await connection.request(({ options }) =>
          client.send(new sdk.HeadObjectCommand({ Bucket: address.bucket, Key: key }), options),
        )
      } catch (error) {
        if (s3AnswerOf(error).status === 404) return undefined
        throw error
      }
    },
    close: () => client.destroy(),
  }
  return connection
}

function clientConfig(
  address: S3Address,
  env: Readonly<Record<string, string | undefined>>,
  hasChecksums: boolean,
): S3ClientConfig {
  const { endpoint, profile, isUnsigned, isPathStyle } = address
  // Other servers have no regions, but a signature needs one.
  const named = address.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  const region = named ?? (endpoint === undefined && !isUnsigned ? undefined : 'us-east-1')
  const checksums = hasChecksums ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  return {
    maxAttempts: 1,
    forcePathStyle: isPathStyle,
    // A request that announces itself first gets a connection of its own.
    expectContinueHeader: false,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    requestHandler: { connectionTimeout: 10_000, httpAgent: AGENT, httpsAgent: AGENT },
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...credentials(isUnsigned, profile, env),
  }
}

const AGENT = { keepAlive: true, maxSockets: 64 }

function credentials(
  isUnsigned: boolean,
  profile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Pick<S3ClientConfig, 'signer' | 'credentials'> {
  if (isUnsigned) {
    return {
      signer: { sign: async (request) => request },
      credentials: { accessKeyId: '', secretAccessKey: '' },
    }
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (profile !== undefined || !accessKeyId || !secretAccessKey) return {}
  const sessionToken = env['AWS_SESSION_TOKEN']
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }
}

/** One classifier for one request: some errors are worth fewer attempts than others. */
function classifier(mayRepeat: (error: unknown) => boolean): RetryOptions['classify'] {
  let refused = 0
  let skewed = 0
  return (error) => {
    const { code } = s3AnswerOf(error)
    if (code === 'ECONNREFUSED') refused += 1
    if (refused >= REFUSED_AT_MOST) return 'fail'
    if (code === 'RequestTimeTooSkewed') {
      // The SDK has taken the time from the answer, and signs the next request with it.
      skewed += 1
      return skewed === 1 ? 'retry' : 'fail'
    }
    return mayRepeat(error) ? 'retry' : 'fail'
  }
}
