import { DsvError } from '@dsv/store'

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

/** `DSV_RECORD_CORRUPT`: a stored record does not have the shape that every release writes. */
export function recordCorrupt(
  record: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_RECORD_CORRUPT'> {
  return new DsvError('DSV_RECORD_CORRUPT', `${record} cannot be read: ${problem}.`, {
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
