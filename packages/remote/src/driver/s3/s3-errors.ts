import { isDsvError, storageDenied, storageFailed, storageFull } from '@dsv/store'
import {
  remoteBucketNotFound,
  remoteClockSkewed,
  remoteCredentialsMissing,
  remoteCredentialsRejected,
  remoteRegionWrong,
} from '../../errors.ts'
import { regionOf, type S3Answer, s3AnswerOf } from './s3-answer.ts'

/** Thrown when fewer bytes came than a server had said. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff'
}

/**
 * Thrown in place of what the system says about a connection. The SDK replaces errors that are no `Error` of
 * its own realm, and their code gets lost.
 */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed'
  readonly code: string

  constructor(cause: unknown) {
    const { code, message } = s3AnswerOf(cause)
    super(message, { cause })
    this.code = code
  }
}

/** Thrown when a server answers something else than it was asked, or without end. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer'
}

const SLOW_DOWN = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
])
const RETRY = new Set([
  'BadDigest',
  'BrokenOff',
  'DSV_REMOTE_STALLED',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'IncompleteBody',
  'InternalError',
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
])
/** Codes of a request that surely changed nothing, as nobody took it. */
const NOT_TAKEN = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])
const REJECTED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
])
const WRONG_REGION = new Set([
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'PermanentRedirect',
  'TemporaryRedirect',
])
const DENIED = new Set(['AccessDenied', 'AccountProblem', 'AllAccessDisabled', 'Forbidden'])
const FULL = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull'])

/** Returns whether a server says that it has too much to do. */
export function isSlowDown(error: unknown): boolean {
  const { code, status } = s3AnswerOf(error)
  return SLOW_DOWN.has(code) || status === 503 || status === 429
}

/** Returns whether the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  const { code, status, message } = s3AnswerOf(error)
  if (code === 'WrongAnswer') return false
  if (isSlowDown(error) || RETRY.has(code)) return true
  // An error with a good status is an answer that got damaged on its way.
  if (status !== undefined) return status === 200 || (status >= 500 && status !== 501)
  return /checksum mismatch/i.test(message)
}

/** Returns whether an error leaves open if the request was carried out. */
export function isOutcomeUnknown(error: unknown): boolean {
  const { code, status } = s3AnswerOf(error)
  return isTransient(error) && (status === undefined || status === 200) && !NOT_TAKEN.has(code)
}

/**
 * Returns our error for one of the SDK, to be thrown. What already is one of ours comes back as it is.
 *
 * @param path of the file, for the message
 */
export function s3Error(
  error: unknown,
  where: { readonly location: string; readonly bucket: string },
  path: string,
): unknown {
  if (isDsvError(error)) return error
  const answer = s3AnswerOf(error)
  const bucket = `s3://${where.bucket}`
  const file = path === '' ? where.location : `${where.location}/${path}`
  if (isAboutCredentials(answer)) return remoteCredentialsMissing(bucket, FIND_CREDENTIALS, error)
  if (answer.code === 'NoSuchBucket') return remoteBucketNotFound(bucket, error)
  if (answer.code === 'RequestTimeTooSkewed') return remoteClockSkewed(bucket, error)
  if (REJECTED.has(answer.code)) return remoteCredentialsRejected(bucket, said(answer), error)
  if (isAboutRegion(answer)) return remoteRegionWrong(bucket, regionOf(error, answer), error)
  if (FULL.has(answer.code) || answer.status === 507) return storageFull(file, error)
  if (DENIED.has(answer.code) || answer.status === 403 || answer.status === 401) {
    return storageDenied(`${file} (${said(answer)})`, error, CHECK_RIGHTS)
  }
  return storageFailed(file, new Error(said(answer), { cause: error }))
}

const FIND_CREDENTIALS =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, sign in with `aws sso login`, or set the option `profile`; for a public bucket set `unsigned` to true.'
const CHECK_RIGHTS =
  'Reading needs s3:GetObject and s3:ListBucket, writing s3:PutObject and s3:DeleteObject.'

function isAboutCredentials({ code, message }: S3Answer): boolean {
  return (
    /^(Credentials|Token)Provider(Error|Failure)$/.test(code) ||
    message.startsWith('Credential is missing')
  )
}

function isAboutRegion({ code, status, message, headers }: S3Answer): boolean {
  if (WRONG_REGION.has(code) || status === 301 || status === 307) return true
  // A HEAD has no body that could give a reason.
  if (status === 400 && code !== 'InvalidRequest' && headers['x-amz-bucket-region']) return true
  return message.startsWith('Region is missing')
}

/** What the server said, and what its operators need to find the request. */
function said({ code, message, status, requestId }: S3Answer): string {
  const words = message === '' || message === code ? code : `${code}: ${message.split('\n')[0]}`
  const marks = [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ]
  return marks.length === 0 ? words : `${words} (${marks.join(', ')})`
}
