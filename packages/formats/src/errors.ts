import { DsvError } from '@dsv/store'

/** `DSV_FORMAT_UNKNOWN`: no adapter has this name. */
export function formatUnknown(
  name: string,
  known: readonly string[],
): DsvError<'DSV_FORMAT_UNKNOWN'> {
  return new DsvError('DSV_FORMAT_UNKNOWN', `There is no format "${name}".`, {
    details: { name, known },
    hint: `Use one of: ${known.join(', ')}.`,
  })
}

/** `DSV_PATH_UNSAFE`: a path would leave the folder it belongs to, or reach into `.git` or `.dsv`. */
export function pathUnsafe(path: string, problem: string): DsvError<'DSV_PATH_UNSAFE'> {
  return new DsvError('DSV_PATH_UNSAFE', `The path ${JSON.stringify(path)} ${problem}.`, {
    details: { path, problem },
    hint: 'Rename the file where the dataset comes from; nothing was written at this path.',
  })
}

/** `DSV_ARCHIVE_INVALID`: a zip file is damaged, or claims more than is reasonable. */
export function archiveInvalid(
  file: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_ARCHIVE_INVALID'> {
  return new DsvError('DSV_ARCHIVE_INVALID', `The archive ${file} ${problem}.`, {
    cause,
    details: { file, problem },
    hint: 'Unpack it by other means and name the folder instead.',
  })
}

/** `DSV_FILE_TOO_LARGE`: a file that has to be read as a whole is larger than memory allows. */
export function fileTooLarge(
  path: string,
  sizeBytes: number,
  limitBytes: number,
): DsvError<'DSV_FILE_TOO_LARGE'> {
  return new DsvError(
    'DSV_FILE_TOO_LARGE',
    `The file ${path} has ${sizeBytes} bytes; at most ${limitBytes} can be read at once.`,
    { details: { path, sizeBytes, limitBytes }, hint: 'Split the file.' },
  )
}

/** `DSV_FORMAT_UNDETECTED`: a folder looks like no known format. */
export function formatUndetected(
  folder: string,
  answers: readonly {
    readonly format: string
    readonly confidence: number
    readonly reason: string
  }[],
): DsvError<'DSV_FORMAT_UNDETECTED'> {
  const near = answers
    .filter(({ confidence }) => confidence > 0)
    .map(({ format, reason }) => `${format}: ${reason}`)
  const which = near.length > 0 ? ` (${near.join('; ')})` : ''
  return new DsvError('DSV_FORMAT_UNDETECTED', `No format is recognised in ${folder}`, {
    details: { folder, answers },
    hint: `Say which it is with \`--from\`${which}; \`dsv detect --why\` says what each format misses.`,
  })
}

/** `DSV_SOURCES_CLASH`: two datasets that are merged have something of the same name. */
export function sourcesClash(
  what: string,
  first: string,
  second: string,
): DsvError<'DSV_SOURCES_CLASH'> {
  return new DsvError('DSV_SOURCES_CLASH', `Both ${first} and ${second} have the ${what}`, {
    details: { what, first, second },
    hint: 'Put the name of its source before each item with `--prefix`, or rename one of the two.',
  })
}

/** `DSV_SOURCE_FORMATS_UNEVEN`: there are neither one format nor as many as there are inputs. */
export function sourceFormatsUneven(
  inputs: number,
  formats: number,
): DsvError<'DSV_SOURCE_FORMATS_UNEVEN'> {
  return new DsvError(
    'DSV_SOURCE_FORMATS_UNEVEN',
    `There are ${inputs} inputs but ${formats} formats for them.`,
    {
      details: { inputs, formats },
      hint: 'Name one format for all, or one for each in their order, or none to have them found out.',
    },
  )
}

/** `DSV_PLUGIN_NOT_FOUND`: a package that the settings name is not installed. */
export function pluginNotFound(name: string, folder: string): DsvError<'DSV_PLUGIN_NOT_FOUND'> {
  return new DsvError('DSV_PLUGIN_NOT_FOUND', `The format plugin ${name} is not in ${folder}`, {
    details: { name, folder },
    hint: `Install it there (\`npm install ${name}\`), or take it out of \`dsv config formats.plugins\`.`,
  })
}

/** `DSV_PLUGIN_INVALID`: a package that the settings name is no format adapter, or cannot be loaded. */
export function pluginInvalid(
  name: string,
  problem: string,
  cause?: unknown,
): DsvError<'DSV_PLUGIN_INVALID'> {
  return new DsvError('DSV_PLUGIN_INVALID', `The format plugin ${name} ${problem}`, {
    cause,
    details: { name, problem },
    hint: 'Use a version that fits this dsv, or take it out of `dsv config formats.plugins`.',
  })
}

/** `DSV_OUTPUT_IS_INPUT`: a dataset would be written over the files it is read from. */
export function outputIsInput(folder: string): DsvError<'DSV_OUTPUT_IS_INPUT'> {
  return new DsvError('DSV_OUTPUT_IS_INPUT', `A dataset cannot be written over itself: ${folder}`, {
    details: { folder },
    hint: 'Name another folder.',
  })
}

/** `DSV_MAP_INVALID`: a column map cannot be understood. */
export function mapInvalid(map: string, problem: string): DsvError<'DSV_MAP_INVALID'> {
  return new DsvError('DSV_MAP_INVALID', `The column map ${problem}: ${map}`, {
    details: { map, problem },
    hint: 'Write it like `image={path},label={class},bbox=[{x},{y},{w},{h}]`; docs/formats/csv.md has all fields.',
  })
}

/** `DSV_FORMAT_READ_ONLY`: the format is read, but not written. */
export function formatReadOnly(name: string): DsvError<'DSV_FORMAT_READ_ONLY'> {
  return new DsvError('DSV_FORMAT_READ_ONLY', `The format ${name} can be read but not written.`, {
    details: { name },
    hint: 'Choose another format to write; `dsv formats` lists them.',
  })
}

/** `DSV_TOOL_NOT_FOUND`: a program that has to do a part of the work is not installed. */
export function toolNotFound(tool: string, why: string): DsvError<'DSV_TOOL_NOT_FOUND'> {
  return new DsvError('DSV_TOOL_NOT_FOUND', `There is no program ${tool} on the PATH. ${why}.`, {
    details: { tool },
    hint: `Install ${tool}, or add its folder to the PATH.`,
  })
}
