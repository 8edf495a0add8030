import { isDsvError, storageDenied, storageFailed, storageFull } from '@dsv/store'
import {
  remoteBucketNotFound,
  remoteCredentialsMissing,
  remoteCredentialsRejected,
} from '../../errors.ts'
import { AZURE_CREDENTIALS_HINT, type AzureCredentials } from './find-azure-credentials.ts'
import type { AzureAddress } from './parse-azure-address.ts'

/** Thrown when fewer bytes came than a server had said. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff'
}

/** Thrown when a server answers something else than it was asked, or without end. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer'
}

/** What a server said, as far as an error tells. */
export interface AzureAnswer {
  /** Status of HTTP; undefined when there was no answer. */
  readonly status: number | undefined
  /** `BlobNotFound`, `ServerBusy`; of the system when there was no answer. */
  readonly code: string
  readonly message: string
  readonly requestId: string | undefined
  readonly retryAfter: string | undefined
}

/** Returns what an error of the SDK says. Trusts no shape. */
export function azureAnswerOf(error: unknown): AzureAnswer {
  const status = field(error, 'statusCode')
  const headers = field(field(error, 'response'), 'headers')
  const header = (name: string): string | undefined => {
    const get = field(headers, 'get')
    return typeof get === 'function' ? textOf(Reflect.apply(get, headers, [name])) : undefined
  }
  const code = header('x-ms-error-code') ?? textOf(field(field(error, 'details'), 'errorCode'))
  return {
    status: typeof status === 'number' ? status : undefined,
    code: code ?? textOf(field(error, 'code')) ?? textOf(field(error, 'name')) ?? '',
    message: textOf(field(error, 'message')) ?? '',
    requestId: header('x-ms-request-id'),
    retryAfter: header('retry-after'),
  }
}

const RETRY = new Set([
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
  'REQUEST_SEND_ERROR',
  'PARSE_ERROR',
])
/** Codes of a request that surely changed nothing, as nobody took it. */
const NOT_TAKEN = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ServerBusy',
])
const NO_CREDENTIALS = new Set([
  'NoAuthenticationInformation',
  'PublicAccessNotPermitted',
  // Without credentials, a container that is private seems not to be there.
  'ResourceNotFound',
])

/** Returns whether a server says that it has too much to do. */
export function isSlowDown(error: unknown): boolean {
  const { code, status } = azureAnswerOf(error)
  return code === 'ServerBusy' || status === 503 || status === 429
}

/** Returns whether the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  const { code, status } = azureAnswerOf(error)
  if (code === 'WrongAnswer') return false
  if (isSlowDown(error) || RETRY.has(code)) return true
  return status === 408 || (status !== undefined && status >= 500 && status !== 501)
}

/** Returns whether an error leaves open if the request was carried out. */
export function isOutcomeUnknown(error: unknown): boolean {
  return isTransient(error) && !isSlowDown(error) && !NOT_TAKEN.has(azureAnswerOf(error).code)
}

/** Returns whether there is no such file, the container being there. */
export function isMissingBlob(error: unknown): boolean {
  const { status, code } = azureAnswerOf(error)
  return status === 404 && code !== 'ContainerNotFound' && code !== 'ResourceNotFound'
}

/** Returns whether a condition of a request did not hold: somebody else was first. */
export function isConditionFailed(error: unknown): boolean {
  const { status, code } = azureAnswerOf(error)
  if (status === 409) return code === 'BlobAlreadyExists' || code === 'UnauthorizedBlobOverwrite'
  return status === 412 && !code.startsWith('Lease')
}

/**
 * Returns our error for one of the SDK, to be thrown. What already is one of ours comes back as it is.
 * The error of the SDK is left behind: it holds the URL, and with that perhaps a token.
 */
export function azureError(
  error: unknown,
  where: AzureAddress,
  credentials: AzureCredentials['type'],
  path: string,
): unknown {
  if (isDsvError(error)) return error
  const answer = azureAnswerOf(error)
  const { status, code } = answer
  const container = `azure://${where.account}/${where.container}`
  const file = path === '' ? where.location : `${where.location}/${path}`
  const cause = new Error(said(answer))
  if (code === 'ContainerNotFound') return remoteBucketNotFound(container, cause)
  const isRefused = status === 401 || status === 403 || NO_CREDENTIALS.has(code)
  if (credentials === 'none' && isRefused) {
    return remoteCredentialsMissing(container, AZURE_CREDENTIALS_HINT, cause)
  }
  if (code === 'CredentialUnavailableError' || code === 'AggregateAuthenticationError') {
    return remoteCredentialsMissing(container, AZURE_CREDENTIALS_HINT, cause)
  }
  if (code === 'AuthenticationFailed' || status === 401) {
    return remoteCredentialsRejected(container, said(answer), cause)
  }
  if (status === 403 || code === 'BlobImmutableDueToPolicy') {
    return storageDenied(`${file} (${said(answer)})`, cause, CHECK_RIGHTS)
  }
  if (status === 507 || code === 'InsufficientStorage') return storageFull(file, cause)
  return storageFailed(file, cause)
}

const CHECK_RIGHTS =
  'Reading needs the role Storage Blob Data Reader, writing Storage Blob Data Contributor, or a token with racwdl.'

/** What the server said, and what its operators need to find the request; nothing of the URL. */
function said({ code, message, status, requestId }: AzureAnswer): string {
  const first = message.split('\n')[0] ?? ''
  const words = first === '' || first === code ? code : `${code}: ${withoutToken(first)}`
  const marks = [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ]
  return marks.length === 0 ? words : `${words} (${marks.join(', ')})`
}

function withoutToken(text: string): string {
  return text.replaceAll(/([?&]sig=)[^&\s"']+/gi, '$1…')
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 1000) : undefined
}
