import { checkStoragePath, isDsvError } from '@dsv/store'
import { remoteOptionInvalid, remoteUrlInvalid } from '../../errors.ts'
import { checkOptions } from '../shared/check-options.ts'

/** Where a repository lies in an object storage that speaks S3. */
export interface S3Address {
  /** For messages: the address as it was given, without a `/` in the end. */
  readonly location: string
  readonly bucket: string
  /** What all keys begin with: nothing, or text that ends in `/`. */
  readonly prefix: string
  /** Address of the server; undefined for that of AWS. */
  readonly endpoint: string | undefined
  /** Undefined when the environment or a profile says it. */
  readonly region: string | undefined
  /** Whether the bucket is named in the path of a request instead of its host. */
  readonly isPathStyle: boolean
  /** Section of the files in `~/.aws`. */
  readonly profile: string | undefined
  /** Whether requests carry no signature: for buckets that everybody may read. */
  readonly isUnsigned: boolean
}

const OPTIONS = ['endpoint', 'region', 'path-style', 'profile', 'unsigned']

/**
 * Reads `s3://bucket/prefix` and the options `endpoint`, `region`, `path-style`, `profile` and `unsigned`.
 *
 * The prefix is taken as it is written: nothing in it is decoded.
 *
 * @throws `DSV_REMOTE_URL_INVALID`, `DSV_REMOTE_OPTION_INVALID`
 */
export function parseS3Address(
  address: string,
  options: Readonly<Record<string, string>>,
): S3Address {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(.*)$/is.exec(address) ?? []
  if (bucket.includes('@')) {
    throw remoteUrlInvalid(address, 'credentials are no part of an address')
  }
  if (!/^[a-z0-9][a-z0-9._-]{1,253}[a-z0-9]$/i.test(bucket)) {
    throw remoteUrlInvalid(address, 'it names no bucket')
  }
  const folder = rest.replace(/^\/|\/+$/g, '')
  checkFolder(address, folder)
  const location = `s3://${bucket}${folder === '' ? '' : `/${folder}`}`
  checkOptions(location, options, OPTIONS)
  const { endpoint, region, profile } = options
  if (endpoint !== undefined) checkEndpoint(location, endpoint)
  checkText(location, 'region', region)
  checkText(location, 'profile', profile)
  return {
    location,
    bucket,
    prefix: folder === '' ? '' : `${folder}/`,
    endpoint,
    region,
    profile,
    isPathStyle: readYesOrNo(location, options, 'path-style') ?? endpoint !== undefined,
    isUnsigned: readYesOrNo(location, options, 'unsigned') ?? false,
  }
}

function checkFolder(address: string, folder: string): void {
  try {
    if (folder !== '') checkStoragePath(folder)
  } catch (error) {
    if (!isDsvError(error, 'DSV_STORAGE_PATH_INVALID')) throw error
    throw remoteUrlInvalid(address, 'what follows the bucket is no path')
  }
}

function checkEndpoint(location: string, endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!isWeb) throw remoteOptionInvalid(location, 'endpoint', 'must be an http(s):// URL')
  if (url.username + url.password + url.search + url.hash !== '') {
    const problem = 'must have no user, password, query or fragment'
    throw remoteOptionInvalid(location, 'endpoint', problem)
  }
}

function checkText(location: string, option: string, value: string | undefined): void {
  if (value !== undefined && !/^[\w.@/+=,: -]{1,200}$/.test(value)) {
    throw remoteOptionInvalid(location, option, 'is no name')
  }
}

function readYesOrNo(
  location: string,
  options: Readonly<Record<string, string>>,
  option: string,
): boolean | undefined {
  const value = options[option]
  if (value === undefined) return undefined
  if (value !== 'true' && value !== 'false') {
    throw remoteOptionInvalid(location, option, 'must be true or false')
  }
  return value === 'true'
}
