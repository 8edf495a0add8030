/** What a server said, as far as an error tells. */
export interface S3Answer {
  /** Status of HTTP; undefined when there was no answer. */
  readonly status: number | undefined
  /** `SlowDown`, `NoSuchKey`; of the SDK itself or the system when there was no answer. */
  readonly code: string
  readonly message: string
  readonly requestId: string | undefined
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Returns what an error of the SDK says. Trusts no shape: answers that are no XML come as odd errors. */
export function s3AnswerOf(error: unknown): S3Answer {
  const metadata = field(error, '$metadata')
  const response = field(error, '$response')
  const headers = readHeaders(field(response, 'headers'))
  const status = field(metadata, 'httpStatusCode') ?? field(response, 'statusCode')
  return {
    status: typeof status === 'number' ? status : undefined,
    code: textOf(field(error, 'code')) ?? textOf(field(error, 'name')) ?? '',
    message: textOf(field(error, 'message')) ?? '',
    // Some servers say it twice.
    requestId: textOf(field(metadata, 'requestId'))?.split(',')[0],
    headers,
  }
}

/** Returns the region that a server says a bucket is in. */
export function regionOf(error: unknown, { headers }: S3Answer): string | undefined {
  const region = headers['x-amz-bucket-region'] ?? textOf(field(error, 'Region'))
  return region !== undefined && /^[a-z0-9-]{1,50}$/i.test(region) ? region : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 1000) : undefined
}

function readHeaders(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  const headers: Record<string, string> = {}
  for (const [name, text] of Object.entries(value)) {
    if (typeof text === 'string') headers[name.toLowerCase()] = text
  }
  return headers
}
