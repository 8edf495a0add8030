import { DsvError } from '@dsv/store'
import { caretView } from './query/caret-view.ts'

/** `DSV_FORMAT_SYNTAX`: a file does not hold what its format demands; names the file and the place. */
export function formatSyntax(
  file: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_FORMAT_SYNTAX'> {
  return new DsvError('DSV_FORMAT_SYNTAX', `${file}: ${problem}.`, {
    cause,
    details: { file, problem },
    hint: 'Fix the file, name another format with `--format`, or go on without it with `--on-error skip`.',
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
): DsvError<'DSV_CHECKOUT_WOULD_OVERWRITE'> {
  const [first = ''] = paths
  const others = paths.length > 1 ? ` and ${paths.length - 1} more` : ''
  return new DsvError(
    'DSV_CHECKOUT_WOULD_OVERWRITE',
    `Local changes would be lost: ${first}${others}`,
    {
      details: { paths },
      hint: 'Commit them, put them away with `dsv stash`, or drop them with `--force` (`dsv undo` brings them back).',
    },
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

/** `DSV_PATH_IGNORED`: a path that a `.dsvignore` excludes was named. */
export function pathIgnored(path: string): DsvError<'DSV_PATH_IGNORED'> {
  return new DsvError('DSV_PATH_IGNORED', `A rule of .dsvignore excludes ${path}`, {
    details: { path },
    hint: 'Change the rule if the path should be tracked.',
  })
}

/** `DSV_LINK_LEAVES_TREE`: a symbolic link points out of the working tree. */
export function linkLeavesTree(
  path: string,
  target: string,
): DsvError<'DSV_LINK_LEAVES_TREE'> {
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
