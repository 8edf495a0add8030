import path from 'node:path'

/** What a pointer says of an output. */
export interface DvcPointer {
  /** Where the output lies, from the folder with DVC. */
  readonly name: string
  /** With `.dir` for a folder. */
  readonly md5: string
  readonly sizeBytes: number
  /** Of a folder. */
  readonly fileCount?: number
  readonly isExecutable?: boolean
}

/** Returns the text of a `.dvc` file as DVC 3 writes it. */
export function pointerText(pointer: DvcPointer): string {
  const { name, md5, sizeBytes, fileCount, isExecutable = false } = pointer
  return [
    'outs:',
    `- md5: ${md5}`,
    `  size: ${sizeBytes}`,
    ...(fileCount === undefined ? [] : [`  nfiles: ${fileCount}`]),
    ...(isExecutable ? ['  isexec: true'] : []),
    '  hash: md5',
    `  path: ${yamlText(path.posix.basename(name))}`,
    '',
  ].join('\n')
}

/** Every JSON text is a YAML text; what is plain in both stays bare, as DVC writes it. */
function yamlText(value: string): string {
  const isPlain =
    /^[A-Za-z][\w.-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
  return isPlain ? value : JSON.stringify(value)
}
