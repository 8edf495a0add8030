import { DsvError } from '@dsv/store'
import { caretView } from './query/caret-view.ts'

/** `DSV_FORMAT_SYNTAX`: a file does not hold what its format demands; names the file and the place. */
export function formatSyntax(
  path: string,
  what: string,
  cause?: unknown,
): DsvError<'DSV_FORMAT_SYNTAX'> {
  const [file, problem] = [shownText(path), shownText(what)]
  return new DsvError('DSV_FORMAT_SYNTAX', `${file}: ${problem}.`, {
    cause,
    details: { file: path, problem },
    hint: 'Fix the file, name another format with `--format`, or go on without it with `--on-error skip`.',
  })
}

/** What a message quotes from a file may be a megabyte, or drive a terminal. */
function shownText(text: string): string {
  const short = text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`
  return short.replaceAll(
    /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

const MAX_SHOWN = 500

/** `DSV_MAP_NOT_TAKEN`: a column map is given for a format that has no columns to choose. */
export function mapNotTaken(format: string): DsvError<'DSV_MAP_NOT_TAKEN'> {
  return new DsvError('DSV_MAP_NOT_TAKEN', `The format ${format} takes no column map.`, {
    details: { format },
    hint: 'Leave `--map` out, or read the folder as `--format csv`.',
  })
}

/** `DSV_FILE_NOT_FOUND`: a file that is needed is not in the folder. */
export function fileNotFound(path: string): DsvError<'DSV_FILE_NOT_FOUND'> {
  return new DsvError('DSV_FILE_NOT_FOUND', `There is no file ${path}`, {
    details: { path },
    hint: 'Check the path.',
  })
}

/** `DSV_FILE_NAME_UNREADABLE`: the name of a file in the working tree is not UTF-8. */
export function fileNameUnreadable(
  folder: string,
  name: string,
): DsvError<'DSV_FILE_NAME_UNREADABLE'> {
  const place = folder === '' ? 'The working tree' : `Folder ${folder}`
  return new DsvError(
    'DSV_FILE_NAME_UNREADABLE',
    `${place} has a file whose name is not UTF-8: ${JSON.stringify(name)}`,
    { details: { folder, name }, hint: 'Rename the file, or list its folder in .dsvignore.' },
  )
}

/** `DSV_PATH_UNSAFE`: a path that came from outside would be written where it must not be. */
export function pathUnsafe(path: string, problem: string): DsvError<'DSV_PATH_UNSAFE'> {
  return new DsvError('DSV_PATH_UNSAFE', `Path ${JSON.stringify(path)} ${problem}.`, {
    details: { path, problem },
    hint: 'Rename it where it comes from. Nothing was written.',
  })
}

/** `DSV_ITEM_KEY_INVALID`: subset and id of an item cannot be a key. */
export function itemKeyInvalid(
  key: { readonly subset: string; readonly id: string },
  problem: string,
): DsvError<'DSV_ITEM_KEY_INVALID'> {
  const name = JSON.stringify(`${key.subset}/${key.id.slice(0, 200)}`)
  return new DsvError('DSV_ITEM_KEY_INVALID', `Item ${name} cannot be stored: ${problem}.`, {
    details: { subset: key.subset, id: key.id, problem },
    hint: 'Rename its media file, or change the id in the annotation file.',
  })
}

/** `DSV_RECORD_MALFORMED`: a stored record does not have the shape that every release writes. */
export function recordMalformed(
  record: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_RECORD_MALFORMED'> {
  return new DsvError('DSV_RECORD_MALFORMED', `${record} cannot be read: ${problem}.`, {
    cause,
    details: { record, problem },
    hint: 'Run `dsv fsck` to see what depends on it.',
  })
}

/** `DSV_RECORD_VERSION_UNSUPPORTED`: a stored record was written by a newer release. */
export function recordVersionUnsupported(
  record: string,
  found: number,
  supported: number,
): DsvError<'DSV_RECORD_VERSION_UNSUPPORTED'> {
  return new DsvError(
    'DSV_RECORD_VERSION_UNSUPPORTED',
    `${record} is of version ${found}; this release reads up to ${supported}.`,
    { details: { record, found, supported }, hint: 'Update dsv.' },
  )
}

/** `DSV_PATH_BLOCKED`: a file, folder or link that nobody has stored is in the way of a checkout. */
export function pathBlocked(path: string): DsvError<'DSV_PATH_BLOCKED'> {
  return new DsvError('DSV_PATH_BLOCKED', `Something that is not stored is in the way at ${path}`, {
    details: { path },
    hint: 'Move it away, or store it with `dsv add` and `dsv commit`.',
  })
}

/** `DSV_CHECKOUT_WOULD_OVERWRITE`: local changes are in the way of a checkout. Nothing was written. */
export function checkoutWouldOverwrite(
  paths: readonly string[],
  hint = 'Commit them, put them away with `dsv stash`, or move them elsewhere; commands with `--force` drop them (`dsv undo` brings them back).',
): DsvError<'DSV_CHECKOUT_WOULD_OVERWRITE'> {
  const [first = ''] = paths
  const others = paths.length > 1 ? ` and ${paths.length - 1} more` : ''
  return new DsvError(
    'DSV_CHECKOUT_WOULD_OVERWRITE',
    `Local changes would be lost: ${first}${others}`,
    { details: { paths }, hint },
  )
}

/**
 * `DSV_QUERY_SYNTAX`: a query cannot be understood. `offset` is in UTF-16 units; `details.view` is the
 * line with a caret under the character.
 */
export function querySyntax(
  problem: string,
  text: string,
  offset: number,
  hint = 'The language of queries is described in docs/query-language.md.',
): DsvError<'DSV_QUERY_SYNTAX'> {
  const { character, view } = caretView(text, offset)
  return new DsvError('DSV_QUERY_SYNTAX', `Query: ${problem} at character ${character}.`, {
    details: { text, offset, problem, view },
    hint,
  })
}

/** `DSV_ITEM_DUPLICATE`: a dataset names one item twice. */
export function itemDuplicate(key: {
  readonly subset: string
  readonly id: string
}): DsvError<'DSV_ITEM_DUPLICATE'> {
  return new DsvError('DSV_ITEM_DUPLICATE', `Item ${key.subset}/${key.id} is there twice.`, {
    details: { ...key },
    hint: 'Rename one of the two, or move it to another subset.',
  })
}

/** `DSV_REPOSITORY_NOT_FOUND`: neither the folder nor one above it holds a repository. */
export function notARepository(folder: string): DsvError<'DSV_REPOSITORY_NOT_FOUND'> {
  return new DsvError('DSV_REPOSITORY_NOT_FOUND', `There is no repository in ${folder} or above.`, {
    details: { folder },
    hint: 'Make one with `dsv init`.',
  })
}

/** `DSV_REPOSITORY_EXISTS`: the folder holds a repository already. */
export function repositoryExists(folder: string): DsvError<'DSV_REPOSITORY_EXISTS'> {
  return new DsvError('DSV_REPOSITORY_EXISTS', `There is a repository already in ${folder}`, {
    details: { folder },
    hint: 'Nothing was changed. See it with `dsv status`.',
  })
}

/** `DSV_STAGE_MOVED`: another process kept changing the stage while this one worked. */
export function stageMoved(): DsvError<'DSV_STAGE_MOVED'> {
  return new DsvError('DSV_STAGE_MOVED', 'Another process changed the stage meanwhile.', {
    hint: 'Wait until it is done, then run the command again. See `dsv op log`.',
  })
}

/** `DSV_PATH_UNKNOWN`: a path is neither on disk nor tracked. */
export function pathUnknown(path: string): DsvError<'DSV_PATH_UNKNOWN'> {
  return new DsvError('DSV_PATH_UNKNOWN', `There is nothing at ${path}`, {
    details: { path },
    hint: 'Check the spelling. `dsv ls --files` lists what is tracked.',
  })
}

/** `DSV_PATH_BEYOND_LINK`: a path leads through a link or a file, where no folder of the tree is. */
export function pathBeyondLink(path: string, obstacle: string): DsvError<'DSV_PATH_BEYOND_LINK'> {
  return new DsvError(
    'DSV_PATH_BEYOND_LINK',
    `${path} lies behind ${obstacle}, which is no folder.`,
    {
      details: { path, obstacle },
      hint: 'Name the path where the file really is.',
    },
  )
}

/** `DSV_PATH_IGNORED`: a path that a `.dsvignore` excludes was named. */
export function pathIgnored(path: string): DsvError<'DSV_PATH_IGNORED'> {
  return new DsvError('DSV_PATH_IGNORED', `A rule of .dsvignore excludes ${path}`, {
    details: { path },
    hint: 'Change the rule if the path should be tracked.',
  })
}

/** `DSV_LINK_LEAVES_TREE`: a symbolic link points out of the working tree. */
export function linkLeavesTree(path: string, target: string): DsvError<'DSV_LINK_LEAVES_TREE'> {
  return new DsvError(
    'DSV_LINK_LEAVES_TREE',
    `Link ${path} leaves the working tree: it points to ${target}`,
    {
      details: { path, target },
      hint: 'Replace the link by a copy of the file, or list it in .dsvignore.',
    },
  )
}

/** `DSV_FORMAT_AMBIGUOUS`: a folder looks like several formats alike. */
export function formatAmbiguous(
  folder: string,
  candidates: readonly { readonly format: string; readonly reason: string }[],
): DsvError<'DSV_FORMAT_AMBIGUOUS'> {
  const reasons = candidates.map(({ format, reason }) => `${format} (${reason})`).join(' or ')
  return new DsvError('DSV_FORMAT_AMBIGUOUS', `Folder ${folder || '.'} could be ${reasons}.`, {
    details: { folder, candidates },
    hint: 'Say which with `--format`, or add the files as they are with `--plain`.',
  })
}

/** `DSV_DATASET_NESTED`: a dataset would lie inside another one. */
export function nestedDataset(folder: string, other: string): DsvError<'DSV_DATASET_NESTED'> {
  return new DsvError(
    'DSV_DATASET_NESTED',
    `Folder ${folder || '.'} cannot be a dataset: ${other || '.'} is one and overlaps with it.`,
    {
      details: { folder, other },
      hint: 'Datasets lie side by side. Add the outer folder as plain files, or name its parts.',
    },
  )
}

/** `DSV_COMMIT_EMPTY`: the stage holds what the last commit holds. */
export function nothingToCommit(): DsvError<'DSV_COMMIT_EMPTY'> {
  return new DsvError('DSV_COMMIT_EMPTY', 'There is nothing to commit.', {
    hint: 'Stage changes with `dsv add`, or commit edits of tracked files with `dsv commit -a`.',
  })
}

/** `DSV_COMMIT_MESSAGE_EMPTY`: a commit was asked for without a message. */
export function messageEmpty(): DsvError<'DSV_COMMIT_MESSAGE_EMPTY'> {
  return new DsvError('DSV_COMMIT_MESSAGE_EMPTY', 'A commit needs a message.', {
    hint: 'Give it with `-m`.',
  })
}

/** `DSV_CONFLICTS_OPEN`: conflicts of a merge have to be settled first. */
export function conflictsOpen(count: number): DsvError<'DSV_CONFLICTS_OPEN'> {
  const noun = count === 1 ? 'conflict is' : 'conflicts are'
  return new DsvError('DSV_CONFLICTS_OPEN', `${count} ${noun} not settled yet.`, {
    details: { count },
    hint: 'See them with `dsv status`, settle them with `dsv resolve`, or give up with `dsv merge --abort`.',
  })
}

/** `DSV_WORKING_TREE_BUSY`: another process is writing the working tree. */
export function workingTreeBusy(pid: number, host: string): DsvError<'DSV_WORKING_TREE_BUSY'> {
  return new DsvError(
    'DSV_WORKING_TREE_BUSY',
    `Process ${pid} on ${host} is writing the working tree.`,
    { details: { pid, host }, hint: 'Wait until it is done, then run the command again.' },
  )
}

/** `DSV_CHECKOUT_INTERRUPTED`: a checkout was killed half way and its traces are still there. */
export function checkoutInterrupted(): DsvError<'DSV_CHECKOUT_INTERRUPTED'> {
  return new DsvError(
    'DSV_CHECKOUT_INTERRUPTED',
    'A checkout was killed half way and the working tree is a mixture of two snapshots.',
    { hint: 'Run `dsv status`: it puts the files back that were not changed since.' },
  )
}

/**
 * `DSV_REVISION_SYNTAX`: what names a commit or a range cannot be understood. `offset` is in UTF-16
 * units; `details.view` shows the character.
 */
export function revisionSyntax(
  problem: string,
  text: string,
  offset: number,
): DsvError<'DSV_REVISION_SYNTAX'> {
  const { character, view } = caretView(text, offset)
  return new DsvError('DSV_REVISION_SYNTAX', `Revision: ${problem} at character ${character}.`, {
    details: { text, offset, problem, view },
    hint: 'Revisions are written as in Git: main, v1.0, HEAD~2, main^2, main@{1}, A..B.',
  })
}

/** `DSV_REVISION_UNKNOWN`: a revision names no commit; `near` are names it may be a misspelling of. */
export function revisionUnknown(
  revision: string,
  problem: string,
  near: readonly string[],
): DsvError<'DSV_REVISION_UNKNOWN'> {
  const hint =
    near.length === 0
      ? 'List what there is with `dsv branch`, `dsv tag` or `dsv log`.'
      : `Did you mean ${near.join(', ')}?`
  return new DsvError('DSV_REVISION_UNKNOWN', `Unknown revision ${revision}: ${problem}.`, {
    details: { revision, problem, near },
    hint,
  })
}

/** `DSV_REVISION_AMBIGUOUS`: the beginning of an id fits several commits. */
export function revisionAmbiguous(
  revision: string,
  candidates: readonly string[],
): DsvError<'DSV_REVISION_AMBIGUOUS'> {
  const shown = candidates.slice(0, 5).map((candidate) => candidate.slice(0, 16))
  return new DsvError(
    'DSV_REVISION_AMBIGUOUS',
    `Revision ${revision} is the beginning of ${candidates.length} commits: ${shown.join(', ')}`,
    { details: { revision, candidates }, hint: 'Type more digits of the id.' },
  )
}

/** `DSV_DATE_SYNTAX`: a date or a time span cannot be understood. */
export function dateSyntax(text: string): DsvError<'DSV_DATE_SYNTAX'> {
  return new DsvError('DSV_DATE_SYNTAX', `${JSON.stringify(text)} is no date.`, {
    details: { text },
    hint: 'Write 2026-01-31, 2026-01-31T12:00, yesterday, 2.weeks or "3 days ago".',
  })
}

/** `DSV_UNDO_EMPTY`: there is no operation to take back. */
export function nothingToUndo(): DsvError<'DSV_UNDO_EMPTY'> {
  return new DsvError('DSV_UNDO_EMPTY', 'There is nothing to undo.', {
    hint: 'See what was done with `dsv op log`.',
  })
}

/** `DSV_OPERATION_UNKNOWN`: no operation has this id. */
export function operationUnknown(operationId: string): DsvError<'DSV_OPERATION_UNKNOWN'> {
  return new DsvError('DSV_OPERATION_UNKNOWN', `There is no operation ${operationId}`, {
    details: { operationId },
    hint: 'See the ids with `dsv op log`.',
  })
}

/** `DSV_BRANCH_UNKNOWN`: no branch has this name. */
export function branchUnknown(
  name: string,
  refs: ReadonlyMap<string, unknown>,
): DsvError<'DSV_BRANCH_UNKNOWN'> {
  const known = [...refs.keys()]
    .filter((ref) => ref.startsWith('refs/heads/'))
    .map((ref) => ref.slice('refs/heads/'.length))
  return new DsvError('DSV_BRANCH_UNKNOWN', `There is no branch ${name}`, {
    details: { name, known },
    hint:
      known.length === 0
        ? 'There is no branch yet: commit first.'
        : `Branches: ${known.slice(0, 8).join(', ')}. Make one with \`dsv switch -c ${name}\`, or go to a commit with \`--detach\`.`,
  })
}

/** `DSV_BRANCH_EXISTS`: a branch or tag of this name is there already. */
export function branchExists(name: string): DsvError<'DSV_BRANCH_EXISTS'> {
  return new DsvError('DSV_BRANCH_EXISTS', `There is a branch or tag ${name} already.`, {
    details: { name },
    hint: 'Choose another name, or move it with `--force`.',
  })
}

/** `DSV_MERGE_PENDING`: a merge has to be finished first. */
export function mergePending(kind: string): DsvError<'DSV_MERGE_PENDING'> {
  return new DsvError('DSV_MERGE_PENDING', `A ${kind} is not finished.`, {
    details: { kind },
    hint: `Finish it with \`dsv resolve\` and \`dsv commit\`, or give up with \`dsv ${kind} --abort\`.`,
  })
}

/** `DSV_MEDIA_MISSING`: an image that is needed is not stored. */
export function mediaMissing(path: string): DsvError<'DSV_MEDIA_MISSING'> {
  return new DsvError('DSV_MEDIA_MISSING', `The bytes of media ${path} are not stored.`, {
    details: { path },
    hint: 'Put the file where the annotations say it is, and add it.',
  })
}

/** `DSV_CONFLICT_CHOICE_INVALID`: a conflict cannot be settled in the way that was asked for. */
export function conflictChoiceInvalid(
  kind: string,
  choice: string,
): DsvError<'DSV_CONFLICT_CHOICE_INVALID'> {
  return new DsvError(
    'DSV_CONFLICT_CHOICE_INVALID',
    `A conflict of kind ${kind} cannot be settled with ${choice}.`,
    { details: { kind, choice }, hint: 'Take `--ours`, `--theirs` or `--base`.' },
  )
}

/** `DSV_BRANCH_DIVERGED`: HEAD cannot simply move forward to a revision. */
export function branchDiverged(revision: string): DsvError<'DSV_BRANCH_DIVERGED'> {
  return new DsvError('DSV_BRANCH_DIVERGED', `HEAD and ${revision} have both gone on.`, {
    details: { revision },
    hint: 'Merge without `--ff-only`.',
  })
}

/** `DSV_MERGE_NONE`: there is no merge to finish or to give up. */
export function nothingPending(): DsvError<'DSV_MERGE_NONE'> {
  return new DsvError('DSV_MERGE_NONE', 'No merge, cherry-pick or revert is going on.', {
    hint: 'See `dsv status`.',
  })
}

/** `DSV_STAGE_NOT_CLEAN`: something is staged that a merge would be mixed up with. */
export function stageNotClean(): DsvError<'DSV_STAGE_NOT_CLEAN'> {
  return new DsvError('DSV_STAGE_NOT_CLEAN', 'The stage holds changes that are not committed.', {
    hint: 'Commit them, or put them away with `dsv stash`.',
  })
}

/** `DSV_HISTORY_EMPTY`: a command needs a commit and there is none. */
export function nothingCommitted(): DsvError<'DSV_HISTORY_EMPTY'> {
  return new DsvError('DSV_HISTORY_EMPTY', 'There is no commit yet.', {
    hint: 'Make the first one with `dsv add` and `dsv commit`.',
  })
}

/** `DSV_MAINLINE_INVALID`: which parent of a commit counts is missing, or does not exist. */
export function mainlineInvalid(
  revision: string,
  parents: number,
): DsvError<'DSV_MAINLINE_INVALID'> {
  return new DsvError(
    'DSV_MAINLINE_INVALID',
    `Commit ${revision} has ${parents} ${parents === 1 ? 'parent' : 'parents'}.`,
    {
      details: { revision, parents },
      hint:
        parents > 1
          ? 'Say with `--mainline <number>` from which parent its change counts.'
          : 'Leave out `--mainline`: only merge commits need it.',
    },
  )
}

/** `DSV_CONFLICT_UNKNOWN`: the selection fits no open conflict. */
export function conflictUnknown(open: number): DsvError<'DSV_CONFLICT_UNKNOWN'> {
  return new DsvError(
    'DSV_CONFLICT_UNKNOWN',
    open === 0 ? 'No conflict is open.' : `None of the ${open} open conflicts was selected.`,
    {
      details: { open },
      hint: open === 0 ? 'Finish with `dsv commit`.' : 'See their numbers with `dsv status`.',
    },
  )
}

/** `DSV_BRANCH_CHECKED_OUT`: HEAD is on the branch. */
export function branchCheckedOut(name: string): DsvError<'DSV_BRANCH_CHECKED_OUT'> {
  return new DsvError('DSV_BRANCH_CHECKED_OUT', `HEAD is on branch ${name}`, {
    details: { name },
    hint: 'Switch to another branch first. To move this one, use `dsv reset`.',
  })
}

/** `DSV_BRANCH_NOT_MERGED`: a branch has commits that HEAD does not have. */
export function branchNotMerged(name: string): DsvError<'DSV_BRANCH_NOT_MERGED'> {
  return new DsvError('DSV_BRANCH_NOT_MERGED', `HEAD does not have all commits of branch ${name}`, {
    details: { name },
    hint: `Merge it first, or delete it all the same with \`dsv branch -D ${name}\`.`,
  })
}

/** `DSV_TAG_UNKNOWN`: no tag has this name. */
export function tagUnknown(name: string): DsvError<'DSV_TAG_UNKNOWN'> {
  return new DsvError('DSV_TAG_UNKNOWN', `There is no tag ${name}`, {
    details: { name },
    hint: 'See the tags with `dsv tag`.',
  })
}

/** `DSV_PATH_NOT_TRACKED`: nothing at or below a path is tracked. */
export function pathNotTracked(path: string): DsvError<'DSV_PATH_NOT_TRACKED'> {
  return new DsvError('DSV_PATH_NOT_TRACKED', `Nothing is tracked at ${path || '.'}`, {
    details: { path },
    hint: '`dsv ls --files` lists what is tracked.',
  })
}

/** `DSV_DESTINATION_EXISTS`: something is tracked already where a file is to go. */
export function destinationExists(path: string): DsvError<'DSV_DESTINATION_EXISTS'> {
  return new DsvError('DSV_DESTINATION_EXISTS', `There is something already at ${path}`, {
    details: { path },
    hint: 'Remove it first with `dsv rm`, or choose another name.',
  })
}

/** `DSV_DESTINATION_INSIDE`: a folder cannot go into itself. */
export function destinationInside(from: string, to: string): DsvError<'DSV_DESTINATION_INSIDE'> {
  return new DsvError('DSV_DESTINATION_INSIDE', `${to} lies in ${from}, which is to be moved.`, {
    details: { from, to },
    hint: 'Choose a place outside of it.',
  })
}

/** `DSV_STASH_EMPTY`: there is no change to put away. */
export function nothingToStash(): DsvError<'DSV_STASH_EMPTY'> {
  return new DsvError('DSV_STASH_EMPTY', 'There is no change to put away.', {
    hint: 'Only changes of tracked files are. Stage new files first with `dsv add`.',
  })
}

/** `DSV_STASH_UNKNOWN`: the stack of stashes has no such entry. */
export function stashUnknown(position: number, count: number): DsvError<'DSV_STASH_UNKNOWN'> {
  return new DsvError('DSV_STASH_UNKNOWN', `There is no stash ${position}`, {
    details: { position, count },
    hint:
      count === 0
        ? 'Nothing was put away.'
        : `See them with \`dsv stash list\` (0 to ${count - 1}).`,
  })
}

/** `DSV_DATASET_UNKNOWN`: there is no dataset at a path. */
export function datasetUnknown(
  path: string,
  known: readonly string[],
  near: readonly string[],
): DsvError<'DSV_DATASET_UNKNOWN'> {
  const list =
    known.length === 0 ? 'Add one with `dsv add`.' : `Datasets: ${known.slice(0, 8).join(', ')}.`
  return new DsvError('DSV_DATASET_UNKNOWN', `There is no dataset at ${path}`, {
    details: { path, known, near },
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : list,
  })
}

/** `DSV_DATASET_UNNAMED`: a command works on one dataset, and it is not said on which. */
export function datasetUnnamed(known: readonly string[]): DsvError<'DSV_DATASET_UNNAMED'> {
  const count = known.length === 0 ? 'is no dataset' : `are ${known.length} datasets`
  return new DsvError('DSV_DATASET_UNNAMED', `There ${count} here, and one is needed.`, {
    details: { known },
    hint:
      known.length === 0
        ? 'Add one with `dsv add`.'
        : `Name one of them: ${known.slice(0, 8).join(', ')}.`,
  })
}

/** `DSV_ITEM_UNKNOWN`: a dataset has no such item. */
export function itemUnknown(
  dataset: string,
  key: { readonly subset: string; readonly id: string },
): DsvError<'DSV_ITEM_UNKNOWN'> {
  return new DsvError(
    'DSV_ITEM_UNKNOWN',
    `Dataset ${dataset || '.'} has no item ${key.subset}/${key.id}`,
    { details: { dataset, ...key }, hint: 'List the items with `dsv ls`.' },
  )
}

/** `DSV_OUTPUT_NOT_EMPTY`: a folder that is to be written holds something. */
export function outputNotEmpty(output: string): DsvError<'DSV_OUTPUT_NOT_EMPTY'> {
  return new DsvError('DSV_OUTPUT_NOT_EMPTY', `There is something already at ${output}`, {
    details: { output },
    hint: 'Name a folder that is empty or not there; commands that have `--force` write into it then.',
  })
}

/** `DSV_OUTPUT_IS_REPOSITORY`: an export would be written over the working tree or into `.dsv`. */
export function outputIsRepository(output: string): DsvError<'DSV_OUTPUT_IS_REPOSITORY'> {
  return new DsvError('DSV_OUTPUT_IS_REPOSITORY', `The repository itself lies at ${output}`, {
    details: { output },
    hint: 'Name another folder, or change the working tree with `dsv checkout` or `dsv restore`.',
  })
}

/** `DSV_EXPORT_LOSSY`: a format cannot hold all of a dataset, and that was not allowed. */
export function exportLossy(
  format: string,
  losses: readonly {
    readonly what: string
    readonly count: number
    readonly examples: readonly string[]
  }[],
): DsvError<'DSV_EXPORT_LOSSY'> {
  const kinds = losses.slice(0, 3).map(({ what, count }) => `${count} × ${what}`)
  const others = losses.length > 3 ? ` and ${losses.length - 3} more kinds` : ''
  return new DsvError(
    'DSV_EXPORT_LOSSY',
    `Format ${format} cannot hold everything: ${kinds.join(', ')}${others}.`,
    { details: { format, losses }, hint: 'Choose another format, or leave out `--strict`.' },
  )
}

/** `DSV_CONFIG_KEY_UNKNOWN`: no setting has this name. */
export function configKeyUnknown(
  key: string,
  near: readonly string[],
  known: readonly string[],
): DsvError<'DSV_CONFIG_KEY_UNKNOWN'> {
  return new DsvError('DSV_CONFIG_KEY_UNKNOWN', `There is no setting ${key}`, {
    details: { key, near, known },
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Settings: ${known.join(', ')}.`,
  })
}

/** `DSV_CONFIG_INVALID`: a setting has a value that it cannot have, or a file of settings is damaged. */
export function configInvalid(
  file: string | undefined,
  place: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_CONFIG_INVALID'> {
  const where = file === undefined ? place : `${file}: ${place}`
  return new DsvError('DSV_CONFIG_INVALID', `${where} ${problem}.`, {
    cause,
    details: { file, place, problem },
    hint:
      file === undefined
        ? 'See what settings there are with `dsv config --list`.'
        : 'Correct it in the file, or with `dsv config`.',
  })
}

/** `DSV_HISTORY_CUT`: a partial clone does not have a commit that is needed. */
export function historyCut(commitId: string): DsvError<'DSV_HISTORY_CUT'> {
  return new DsvError(
    'DSV_HISTORY_CUT',
    `The history is cut off here: commit ${commitId.slice(0, 12)} was not cloned.`,
    {
      details: { commitId },
      hint: 'Get all of it with `dsv fetch --unshallow`, or more with `dsv fetch --depth`.',
    },
  )
}

/** `DSV_PLACE_TAKEN`: a new file lies where a partial clone has left out a folder of media. */
export function placeTaken(path: string): DsvError<'DSV_PLACE_TAKEN'> {
  return new DsvError('DSV_PLACE_TAKEN', `${path} is a folder of media that were left out here.`, {
    details: { path },
    hint: 'Move the new file away, or delete the media first with `dsv rm`.',
  })
}
