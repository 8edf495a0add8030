import { DsvError } from '@dsv/store'
import type { DvcRecipe } from './dvc/dvc-out.ts'

/** `DSV_GIT_NOT_FOUND`: there is no Git repository at a place. */
export function gitNotFound(location: string): DsvError<'DSV_GIT_NOT_FOUND'> {
  return new DsvError('DSV_GIT_NOT_FOUND', `There is no Git repository at ${location}`, {
    details: { location },
    hint: 'Check the address. A private repository needs DSV_GIT_TOKEN, with DSV_GIT_USERNAME where the host asks for one.',
  })
}

/** `DSV_GIT_DENIED`: a Git host wants other credentials. */
export function gitDenied(location: string, status: number): DsvError<'DSV_GIT_DENIED'> {
  return new DsvError('DSV_GIT_DENIED', `${location} denies access (HTTP ${status})`, {
    details: { location, status },
    hint: 'Set DSV_GIT_TOKEN, and DSV_GIT_USERNAME where the host asks for one; for `dsv update` from DVC also DSV_GIT_TOKEN_ORIGIN (https://host).',
  })
}

/** `DSV_GIT_FAILED`: a Git repository cannot be read. */
export function gitFailed(
  location: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_GIT_FAILED'> {
  return new DsvError('DSV_GIT_FAILED', `${location} cannot be read: ${problem}`, {
    cause,
    details: { location, problem },
    hint: 'Clone it with git and give the folder of the clone instead.',
  })
}

/** `DSV_GIT_REVISION_NOT_FOUND`: a Git repository has no such branch, tag or commit. */
export function gitRevisionNotFound(
  location: string,
  revision: string,
): DsvError<'DSV_GIT_REVISION_NOT_FOUND'> {
  const shown = JSON.stringify(revision.slice(0, 200))
  return new DsvError('DSV_GIT_REVISION_NOT_FOUND', `${location} has no revision ${shown}`, {
    details: { location, revision },
    hint: 'Give a branch, a tag, or the id of a commit (at least four digits, and no other commit may begin with them).',
  })
}

/** `DSV_GIT_BUDGET_EXCEEDED`: media would fill up a Git repository. */
export function gitBudgetExceeded(
  location: string,
  bytes: number,
  budgetBytes: number,
): DsvError<'DSV_GIT_BUDGET_EXCEEDED'> {
  const message = `${location} would hold ${bytes} bytes of media; at most ${budgetBytes} may go into Git`
  return new DsvError('DSV_GIT_BUDGET_EXCEEDED', message, {
    details: { location, bytes, budgetBytes },
    hint: 'Name a bucket or folder for media with the option `media`, or raise `media-budget` where the Git host allows it.',
  })
}

/** `DSV_GIT_LINK_INVALID`: a link file between Git and dsv does not hold what it should. */
export function gitLinkInvalid(file: string, problem: string): DsvError<'DSV_GIT_LINK_INVALID'> {
  return new DsvError('DSV_GIT_LINK_INVALID', `${file} is no link to a dataset: ${problem}`, {
    details: { file, problem },
    hint: 'Bring it back with `git checkout`, or write it anew.',
  })
}

/**
 * `DSV_GIT_LINK_UNSAFE`: HEAD is at a commit that going on would lose, or that is not the one which a merge of
 * links begins with.
 */
export function gitLinkUnsafe(
  headCommit: string | undefined,
  wanted: string,
): DsvError<'DSV_GIT_LINK_UNSAFE'> {
  const at = headCommit === undefined ? 'no commit yet' : headCommit.slice(0, 10)
  return new DsvError(
    'DSV_GIT_LINK_UNSAFE',
    `The dataset is at ${at}, from which the way to ${wanted.slice(0, 10)} would leave commits behind`,
    {
      details: { headCommit, wanted },
      hint: 'Keep the commit with `dsv branch <name>`, or `dsv switch` to where you want to go on from.',
    },
  )
}

/** `DSV_DVC_METADATA_INVALID`: a file that DVC keeps in Git does not hold what it should. */
export function dvcMetadataInvalid(
  file: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_DVC_METADATA_INVALID'> {
  return new DsvError('DSV_DVC_METADATA_INVALID', `${file}: ${problem}`, {
    cause,
    details: { file, problem },
    hint: 'Repair the file in the registry, or name a revision where it is right.',
  })
}

/** `DSV_DVC_PATH_NOT_FOUND`: a registry has neither an output nor a Git file at a path. */
export function dvcPathNotFound(
  registry: string,
  path: string,
): DsvError<'DSV_DVC_PATH_NOT_FOUND'> {
  const shown = JSON.stringify(path.slice(0, 500))
  return new DsvError('DSV_DVC_PATH_NOT_FOUND', `${registry} has no path ${shown}`, {
    details: { registry, path },
    hint: 'List what it holds with `dsv ls <repository>`, or name another revision with --rev.',
  })
}

/** `DSV_DVC_OUTPUT_NOT_STORED`: what a stage makes is kept nowhere; only how to make it is known. */
export function dvcOutputNotStored(
  path: string,
  problem: string,
  recipe: (DvcRecipe & { readonly recordedMd5?: string | undefined }) | undefined,
): DsvError<'DSV_DVC_OUTPUT_NOT_STORED'> {
  const stage = recipe === undefined ? '' : `; stage ${recipe.stage} makes it`
  return new DsvError('DSV_DVC_OUTPUT_NOT_STORED', `${path} ${problem}${stage}`, {
    details: { path, problem, recipe },
    hint:
      recipe === undefined
        ? 'Ask who has it to run `dvc push`, or import another path.'
        : `Where the registry is checked out, \`dvc repro ${recipe.stage}\` makes it ${howMade(recipe)}; add the result with \`dsv add\`.`,
  })
}

/** A recipe comes from strangers: it is shown on one line and not at length. */
function howMade({ command, deps }: DvcRecipe): string {
  const shown = (text: string): string => {
    const line = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
    return line.length > 200 ? `${line.slice(0, 200)}…` : line
  }
  const from = deps.length === 0 ? '' : ` from ${shown(deps.map(({ path }) => path).join(', '))}`
  return `by ${JSON.stringify(shown(command.join('; ')))}${from}`
}

/** `DSV_DVC_OBJECT_MISSING`: a DVC remote does not have an object that the registry names. */
export function dvcObjectMissing(
  path: string,
  md5: string,
  locations: readonly string[],
): DsvError<'DSV_DVC_OBJECT_MISSING'> {
  const where = locations.length === 0 ? 'any remote' : locations.join(' nor in ')
  return new DsvError('DSV_DVC_OBJECT_MISSING', `${path} (md5 ${md5}) is not in ${where}`, {
    details: { path, md5, locations },
    hint: 'Run `dvc push` where the data was added, or check which remote the registry names.',
  })
}

/** `DSV_DVC_OBJECT_CORRUPT`: bytes from a DVC remote do not have the md5 that names them. */
export function dvcObjectCorrupt(
  path: string,
  problem: string,
  location: string,
): DsvError<'DSV_DVC_OBJECT_CORRUPT'> {
  return new DsvError('DSV_DVC_OBJECT_CORRUPT', `${path} in ${location} is damaged: ${problem}`, {
    details: { path, problem, location },
    hint: 'Delete that object from the remote and run `dvc push` where a good copy is.',
  })
}

/** `DSV_DVC_NOT_SUPPORTED`: a registry uses something of DVC that dsv does not read. */
export function dvcNotSupported(where: string, what: string): DsvError<'DSV_DVC_NOT_SUPPORTED'> {
  return new DsvError('DSV_DVC_NOT_SUPPORTED', `${where} ${what}`, {
    details: { where, what },
    hint: 'Fetch it with `dvc get` and add the folder with `dsv add`.',
  })
}

/** `DSV_DVC_NOT_TRUSTED`: a registry from elsewhere names something that it has no business with. */
export function dvcNotTrusted(
  registry: string,
  address: string,
  problem: string,
): DsvError<'DSV_DVC_NOT_TRUSTED'> {
  return new DsvError('DSV_DVC_NOT_TRUSTED', `${registry} names ${address}, ${problem}`, {
    details: { registry, address, problem },
    hint: 'Clone the registry and give the folder of the clone if you trust it.',
  })
}

/** `DSV_DVC_EXPORT_BLOCKED`: an export for DVC would replace a file that holds something else. */
export function dvcExportBlocked(file: string): DsvError<'DSV_DVC_EXPORT_BLOCKED'> {
  return new DsvError('DSV_DVC_EXPORT_BLOCKED', `${file} is there and holds something else`, {
    details: { file },
    hint: 'Export into another folder, or remove it; --force replaces what an older export wrote.',
  })
}

/** `DSV_DVC_EXPORT_EMPTY`: a version has no files at a path that DVC could have. */
export function dvcExportEmpty(path: string): DsvError<'DSV_DVC_EXPORT_EMPTY'> {
  return new DsvError('DSV_DVC_EXPORT_EMPTY', `There are no files at ${path} to export`, {
    details: { path },
    hint: 'List what the version holds with `dsv ls --files --at <revision>`.',
  })
}

/**
 * `DSV_REMOTE_URL_INVALID`: a URL of a remote has a scheme or a form that is not known. What stands before
 * an `@` may be a secret and is not repeated.
 */
export function remoteUrlInvalid(url: string, problem: string): DsvError<'DSV_REMOTE_URL_INVALID'> {
  const shown = url.replace(/\/\/.*@/, '//…@')
  return new DsvError('DSV_REMOTE_URL_INVALID', `${shown} is no address of a remote: ${problem}`, {
    details: { url: shown, problem },
    hint: 'Give a folder, or a URL that begins with s3://, http://, https://, sftp://, azure:// or git+https://.',
  })
}

/** `DSV_REMOTE_STALLED`: a server sent or took next to nothing for too long. */
export function remoteStalled(location: string, windowMs: number): DsvError<'DSV_REMOTE_STALLED'> {
  const message = `${location} moved next to nothing for ${windowMs / 1000} seconds`
  return new DsvError('DSV_REMOTE_STALLED', message, {
    details: { location, windowMs },
    hint: 'Check the connection and run the command again; it continues where it was.',
  })
}

/** `DSV_REMOTE_OPTION_INVALID`: an option of a remote is not known, or has a value it cannot have. */
export function remoteOptionInvalid(
  location: string,
  option: string,
  problem: string,
): DsvError<'DSV_REMOTE_OPTION_INVALID'> {
  const message = `The option ${option} of ${location} ${problem}`
  return new DsvError('DSV_REMOTE_OPTION_INVALID', message, {
    details: { location, option, problem },
    hint: 'The options of each kind of remote are in docs/remotes.md.',
  })
}

/** `DSV_REMOTE_CREDENTIALS_MISSING`: no credentials were found for a remote that wants some. */
export function remoteCredentialsMissing(
  location: string,
  hint: string,
  cause: unknown,
): DsvError<'DSV_REMOTE_CREDENTIALS_MISSING'> {
  const message = `There are no credentials for ${location}`
  return new DsvError('DSV_REMOTE_CREDENTIALS_MISSING', message, {
    details: { location },
    hint,
    cause,
  })
}

/** `DSV_REMOTE_CREDENTIALS_REJECTED`: a server does not know the credentials, or they have expired. */
export function remoteCredentialsRejected(
  location: string,
  problem: string,
  cause: unknown,
): DsvError<'DSV_REMOTE_CREDENTIALS_REJECTED'> {
  const message = `${location} does not accept the credentials: ${problem}`
  return new DsvError('DSV_REMOTE_CREDENTIALS_REJECTED', message, {
    details: { location, problem },
    hint: 'Sign in again, or check which credentials are used here.',
    cause,
  })
}

/** `DSV_REMOTE_BUCKET_NOT_FOUND`: there is no bucket or container of this name. */
export function remoteBucketNotFound(
  location: string,
  cause: unknown,
): DsvError<'DSV_REMOTE_BUCKET_NOT_FOUND'> {
  return new DsvError('DSV_REMOTE_BUCKET_NOT_FOUND', `There is no bucket ${location}`, {
    details: { location },
    hint: 'Check its name and the account, or create it first.',
    cause,
  })
}

/** `DSV_REMOTE_REGION_WRONG`: a bucket is in another region, or none is known to look in. */
export function remoteRegionWrong(
  location: string,
  region: string | undefined,
  cause: unknown,
): DsvError<'DSV_REMOTE_REGION_WRONG'> {
  const where = region === undefined ? 'is not in the region that was asked' : `is in ${region}`
  return new DsvError('DSV_REMOTE_REGION_WRONG', `${location} ${where}`, {
    details: { location, region },
    hint: `Set the option \`region\`${region === undefined ? '' : ` to ${region}`}.`,
    cause,
  })
}

/** `DSV_REMOTE_CLOCK_SKEWED`: a server refuses requests because the clock here is wrong. */
export function remoteClockSkewed(
  location: string,
  cause: unknown,
): DsvError<'DSV_REMOTE_CLOCK_SKEWED'> {
  const message = `The clock of this machine differs too much from that of ${location}`
  return new DsvError('DSV_REMOTE_CLOCK_SKEWED', message, {
    details: { location },
    hint: 'Set the clock and run the command again.',
    cause,
  })
}

/** `DSV_REMOTE_UNSAFE`: a storage ignores the conditions that keep two writers apart. */
export function remoteUnsafe(location: string, problem: string): DsvError<'DSV_REMOTE_UNSAFE'> {
  return new DsvError('DSV_REMOTE_UNSAFE', `${location} cannot keep writers apart: ${problem}`, {
    details: { location, problem },
    hint: 'Use a storage that supports conditional writes: here a push could undo another one.',
  })
}

/** `DSV_REMOTE_UNREACHABLE`: no connection to a server comes about, or it breaks time and again. */
export function remoteUnreachable(
  location: string,
  problem: string,
  cause: unknown,
): DsvError<'DSV_REMOTE_UNREACHABLE'> {
  return new DsvError('DSV_REMOTE_UNREACHABLE', `No connection to ${location}: ${problem}`, {
    details: { location, problem },
    hint: 'Check the address and the network, and run the command again.',
    cause,
  })
}

/** `DSV_SSH_HOST_UNKNOWN`: nothing says which key the host of an SFTP remote should have. */
export function sshHostUnknown(
  host: string,
  fingerprint: string,
  line: string,
): DsvError<'DSV_SSH_HOST_UNKNOWN'> {
  const message = `The host ${host} is not in known_hosts; its key is ${fingerprint}`
  return new DsvError('DSV_SSH_HOST_UNKNOWN', message, {
    details: { host, fingerprint, line },
    hint: `Compare the fingerprint with what the owner of the host says, then add to ~/.ssh/known_hosts: ${line}`,
  })
}

/** `DSV_SSH_HOST_CHANGED`: the host of an SFTP remote has another key than it should, or a revoked one. */
export function sshHostChanged(
  host: string,
  fingerprint: string,
  problem: string,
): DsvError<'DSV_SSH_HOST_CHANGED'> {
  const message = `The key ${fingerprint} of host ${host} ${problem}`
  return new DsvError('DSV_SSH_HOST_CHANGED', message, {
    details: { host, fingerprint, problem },
    hint: 'Somebody may be listening in. Ask the owner of the host which key it has before you change anything.',
  })
}

/** Why a ref of a remote stays as it is. */
export interface PushProblem {
  readonly name: string
  /** It would lose commits; somebody moved it; a tag never changes; a working tree is on it. */
  readonly reason: 'behind' | 'moved' | 'tag' | 'checked-out'
}

const REASONS: Readonly<Record<PushProblem['reason'], string>> = {
  behind: 'has commits over there that yours lacks',
  moved: 'was moved by somebody else',
  tag: 'is a tag and stays what it is',
  'checked-out': 'is checked out there, in a working tree that would not follow',
}

const PULL = 'Run `dsv pull` to join what is there with yours, then push again.'

const HINTS: Readonly<Record<PushProblem['reason'], string>> = {
  behind: PULL,
  moved: PULL,
  tag: 'Give the tag another name; --force replaces it for everybody.',
  'checked-out': 'Push to another branch, or fetch from there instead.',
}

/** `DSV_PUSH_REJECTED`: refs of a remote cannot become what was wanted; none was changed. */
export function pushRejected(
  remote: string,
  problems: readonly PushProblem[],
  cause?: unknown,
): DsvError<'DSV_PUSH_REJECTED'> {
  const named = problems.map(
    ({ name, reason }) => `${name.replace(/^refs\/(?:heads|tags)\//u, '')} ${REASONS[reason]}`,
  )
  return new DsvError('DSV_PUSH_REJECTED', `Nothing was pushed to ${remote}: ${named.join('; ')}`, {
    details: { remote, problems },
    hint: HINTS[problems[0]?.reason ?? 'behind'],
    cause,
  })
}

/** `DSV_REMOTE_UNKNOWN`: no remote has this name. */
export function remoteUnknown(
  name: string,
  known: readonly string[],
): DsvError<'DSV_REMOTE_UNKNOWN'> {
  return new DsvError('DSV_REMOTE_UNKNOWN', `There is no remote ${name}`, {
    details: { name, known },
    hint:
      known.length === 0
        ? 'Name one first: `dsv remote add origin <folder or URL>`.'
        : `The remotes are ${known.join(', ')}.`,
  })
}

/** `DSV_REMOTE_EXISTS`: a remote of this name is there already. */
export function remoteExists(name: string): DsvError<'DSV_REMOTE_EXISTS'> {
  return new DsvError('DSV_REMOTE_EXISTS', `There is a remote ${name} already`, {
    details: { name },
    hint: 'Change it with `dsv remote set`, or choose another name.',
  })
}

/** `DSV_REMOTE_NAME_INVALID`: a remote cannot be called so. */
export function remoteNameInvalid(name: string): DsvError<'DSV_REMOTE_NAME_INVALID'> {
  return new DsvError(
    'DSV_REMOTE_NAME_INVALID',
    `A remote cannot be called ${JSON.stringify(name)}`,
    {
      details: { name },
      hint: 'Use letters, digits, dots, dashes and underscores, such as `origin`.',
    },
  )
}

/** `DSV_REMOTE_REFUSED`: a server does not do what it was asked to, and says why. */
export function remoteRefused(
  location: string,
  path: string,
  reason: string,
): DsvError<'DSV_REMOTE_REFUSED'> {
  return new DsvError('DSV_REMOTE_REFUSED', `${location} refused to change ${path}: ${reason}`, {
    details: { location, path, reason },
    hint: 'Fetch what is new there, or ask somebody with more rights.',
  })
}

/** `DSV_REMOTE_READ_ONLY`: a server gives files but takes none, and lists none. */
export function remoteReadOnly(location: string): DsvError<'DSV_REMOTE_READ_ONLY'> {
  const message = `${location} can only be read file by file: it is no server of dsv`
  return new DsvError('DSV_REMOTE_READ_ONLY', message, {
    details: { location },
    hint: 'Run `dsv serve` there, or use a folder or bucket that can be written.',
  })
}

/** `DSV_REMOTE_INSECURE`: a token would be sent for everybody on the way to read. */
export function remoteInsecure(location: string): DsvError<'DSV_REMOTE_INSECURE'> {
  const message = `The token for ${location} would be sent without encryption`
  return new DsvError('DSV_REMOTE_INSECURE', message, {
    details: { location },
    hint: 'Use https://, or set the option allow-insecure to true in a network that you trust.',
  })
}

/** `DSV_CREDENTIALS_INVALID`: a file with tokens cannot be used. */
export function credentialsInvalid(
  path: string,
  problem: string,
): DsvError<'DSV_CREDENTIALS_INVALID'> {
  return new DsvError(
    'DSV_CREDENTIALS_INVALID',
    `The token cannot be read from ${path}: ${problem}`,
    {
      details: { path, problem },
      hint: 'Only its owner should be able to read it (`chmod 600`); see docs/remotes.md for its form.',
    },
  )
}

/** `DSV_TOKEN_FILE_INVALID`: the tokens that a server accepts cannot be read. */
export function tokenFileInvalid(
  path: string,
  problem: string,
): DsvError<'DSV_TOKEN_FILE_INVALID'> {
  return new DsvError('DSV_TOKEN_FILE_INVALID', `${path} is no file of tokens: ${problem}`, {
    details: { path, problem },
    hint: 'Move it away and make new tokens with `dsv serve token add`.',
  })
}

/** `DSV_TOKEN_NAME_INVALID`: a token cannot have this name, or none has it. */
export function tokenNameInvalid(
  name: string,
  problem: string,
): DsvError<'DSV_TOKEN_NAME_INVALID'> {
  return new DsvError(
    'DSV_TOKEN_NAME_INVALID',
    `The token name ${JSON.stringify(name)} ${problem}`,
    {
      details: { name, problem },
      hint: 'Run `dsv serve token list` to see the names.',
    },
  )
}

/** `DSV_IMPORTS_INVALID`: the file that says what was imported from where cannot be read. */
export function importsInvalid(
  file: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_IMPORTS_INVALID'> {
  return new DsvError('DSV_IMPORTS_INVALID', `${file} cannot be read: ${problem}`, {
    details: { file, problem },
    hint: 'Bring it back with `dsv restore`, or mend it by hand.',
    cause,
  })
}

/** `DSV_IMPORT_NOT_FOUND`: a registry has nothing at a path. */
export function importNotFound(
  registry: string,
  path: string,
  datasets: readonly string[],
): DsvError<'DSV_IMPORT_NOT_FOUND'> {
  return new DsvError('DSV_IMPORT_NOT_FOUND', `${registry} has nothing at ${path}`, {
    details: { registry, path, datasets },
    hint:
      datasets.length === 0
        ? 'Look with `dsv ls <repository>`.'
        : `It has the datasets ${datasets.slice(0, 8).join(', ')}.`,
  })
}

/** `DSV_IMPORT_EXISTS`: an import would go where something else is. */
export function importExists(path: string): DsvError<'DSV_IMPORT_EXISTS'> {
  return new DsvError('DSV_IMPORT_EXISTS', `There is something at ${path} already`, {
    details: { path },
    hint: 'Choose another place with -o; `dsv update` brings an import up to date.',
  })
}

/** `DSV_IMPORT_UNKNOWN`: nothing was imported to a path. */
export function importUnknown(
  path: string,
  known: readonly string[],
): DsvError<'DSV_IMPORT_UNKNOWN'> {
  return new DsvError('DSV_IMPORT_UNKNOWN', `Nothing was imported to ${path}`, {
    details: { path, known },
    hint: known.length === 0 ? 'There are no imports.' : `Imports are at ${known.join(', ')}.`,
  })
}

/** `DSV_IMPORT_SELECTION_INVALID`: a query was given for something that has no items, or several datasets. */
export function importSelectionInvalid(path: string): DsvError<'DSV_IMPORT_SELECTION_INVALID'> {
  return new DsvError(
    'DSV_IMPORT_SELECTION_INVALID',
    `${path} is not one dataset to choose items of`,
    {
      details: { path },
      hint: 'Name the folder of a dataset, or leave the query out.',
    },
  )
}

/** `DSV_SERVE_ADDRESS_UNAVAILABLE`: a server cannot listen where it should. */
export function serveAddressUnavailable(
  host: string,
  port: number,
  cause: Error,
): DsvError<'DSV_SERVE_ADDRESS_UNAVAILABLE'> {
  const message = `Cannot listen on ${host}:${port}: ${cause.message}`
  return new DsvError('DSV_SERVE_ADDRESS_UNAVAILABLE', message, {
    details: { host, port },
    hint: 'Choose another port, or 0 for any that is free.',
    cause,
  })
}

/** `DSV_MEDIA_UNAVAILABLE`: a partial clone needs media that it cannot get. */
export function mediaUnavailable(
  remote: string,
  count: number,
  cause: Error,
): DsvError<'DSV_MEDIA_UNAVAILABLE'> {
  const what = count === 1 ? 'A media file is' : `${count} media files are`
  const message = `${what} not here, and ${remote} does not give them: ${cause.message}`
  return new DsvError('DSV_MEDIA_UNAVAILABLE', message, {
    details: { remote, count },
    hint: 'Try again when the remote can be reached; `dsv config partial.media none` does without them.',
    cause,
  })
}

/** `DSV_REMOTE_PARTIAL`: a remote is a partial clone itself and lacks what is wanted of it. */
export function remotePartial(remote: string, cause: Error): DsvError<'DSV_REMOTE_PARTIAL'> {
  return new DsvError(
    'DSV_REMOTE_PARTIAL',
    `${remote} is a partial clone and lacks what is wanted.`,
    {
      details: { remote },
      hint: 'Use the remote that it was cloned from, or clone a part: `--media none`, `--depth 1`.',
      cause,
    },
  )
}

/** `DSV_REGISTRY_FILE_TOO_LARGE`: a file of a registry that has to be read at once is no small one. */
export function fileTooLarge(path: string): DsvError<'DSV_REGISTRY_FILE_TOO_LARGE'> {
  return new DsvError('DSV_REGISTRY_FILE_TOO_LARGE', `${path} is larger than 64 MiB`, {
    details: { path },
    hint: 'Parameters and pipelines are read whole; ask the registry to keep them small.',
  })
}
