import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { checkPath } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { dvcExportBlocked } from '../errors.ts'
import { checkEntries, writeDirObject } from './dir-object.ts'
import { pointerText } from './dvc-pointer.ts'
import type { DvcEntry } from './dvc-out.ts'
import { visitInParallel } from './visit-in-parallel.ts'
import { writeDvcObject } from './write-dvc-object.ts'

/** One file to export. */
export interface ExportedFile {
  /** In the exported folder, `/`-separated; empty when the output is this file. */
  readonly path: string
  readonly isExecutable?: boolean
  /** Reads it. */
  open(): AsyncIterable<Uint8Array>
}

/** Settings of {@link exportDvc}. */
export interface ExportDvcOptions {
  /** Name of the output that DVC makes of the files; `<name>.dvc` points to it. May lie in folders. */
  readonly name: string
  /**
   * Folder for the objects, which the config then names as the default remote, so that `dvc pull` fetches
   * them, in clones as well. By default they go to the cache, for `dvc checkout`.
   */
  readonly remote?: string
  /** The cache of the folder, where it has one elsewhere; `.dvc/cache` by default. */
  readonly cache?: string | undefined
  /** Replaces a pointer to something else. */
  readonly force?: boolean
  /** How many files to write at once; 8 by default. */
  readonly parallel?: number
}

/** What {@link exportDvc} wrote. */
export interface ExportedOutput {
  /** The pointer, from the exported folder. */
  readonly pointer: string
  /** With `.dir` for a folder. */
  readonly md5: string
  readonly fileCount: number
  readonly sizeBytes: number
}

/**
 * Writes files so that DVC 3 can check them out: objects, a `.dir` object, `<name>.dvc`, a line in
 * `.gitignore` and, where there is none, the config. What is there and the same stays.
 *
 * @throws `DSV_DVC_EXPORT_BLOCKED` when a file that would be written holds something else,
 *   `DSV_PATH_UNSAFE`, `DSV_DVC_METADATA_INVALID` for paths that cannot lie side by side
 */
export async function exportDvc(
  files: AsyncIterable<ExportedFile>,
  outFolder: string,
  { name, remote, cache, force = false, parallel = 8 }: ExportDvcOptions,
): Promise<ExportedOutput> {
  checkPath(name)
  const pointer = `${name}.dvc`
  const pointerFile = path.join(outFolder, pointer)
  const config = configText(outFolder, remote)
  refuseOther(path.join(outFolder, '.dvc', 'config'), config, remote !== undefined)
  const objects = remote ?? cache ?? path.join(outFolder, '.dvc', 'cache')
  const written = await writeObjects(files, objects, { name, parallel })
  const { fileCount, ...rest } = written
  const text = pointerText({ name, ...rest, ...(rest.md5.endsWith('.dir') && { fileCount }) })
  if (force) replace(pointerFile, text)
  else writeOnce(pointerFile, text)
  const { dir, base } = path.posix.parse(name)
  addLine(path.join(outFolder, dir, '.gitignore'), `/${escaped(base)}`)
  const dvcFolder = path.join(outFolder, '.dvc')
  if (!fs.existsSync(path.join(dvcFolder, 'config'))) {
    writeOnce(path.join(dvcFolder, 'config'), config)
  }
  for (const line of ['/config.local', '/tmp', '/cache']) {
    addLine(path.join(dvcFolder, '.gitignore'), line)
  }
  const { md5, sizeBytes } = written
  return { pointer, md5, fileCount, sizeBytes }
}

interface WrittenOutput extends Omit<ExportedOutput, 'pointer'> {
  readonly isExecutable: boolean
}

async function writeObjects(
  files: AsyncIterable<ExportedFile>,
  objects: string,
  { name, parallel }: { readonly name: string; readonly parallel: number },
): Promise<WrittenOutput> {
  const entries: DvcEntry[] = []
  const whole: WrittenOutput[] = []
  let sizeBytes = 0
  await visitInParallel(files, parallel, async (file) => {
    if (file.path !== '') checkPath(file.path)
    const written = await writeDvcObject(objects, file.open())
    sizeBytes += written.sizeBytes
    if (file.path === '') {
      whole.push({ ...written, fileCount: 1, isExecutable: file.isExecutable === true })
    } else entries.push({ path: file.path, md5: written.md5 })
  })
  const [only] = whole
  if (only !== undefined && whole.length === 1 && entries.length === 0) return only
  // The empty path is none that can lie beside others.
  checkEntries([...entries, ...whole.map(({ md5 }) => ({ path: '', md5 }))], name)
  const listing = writeDirObject(entries)
  const { md5 } = await writeDvcObject(objects, inOnePiece(listing), { isFolder: true })
  return { md5: `${md5}.dir`, sizeBytes, fileCount: entries.length, isExecutable: false }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Returns a name as a line of `.gitignore` has it: its signs mean themselves. */
function escaped(name: string): string {
  return name.replaceAll(/[*?[\\]/g, String.raw`\$&`).replace(/ $/, String.raw`\ `)
}

/** DVC without Git needs a setting that would be wrong as soon as the folder is committed: it has none. */
function configText(outFolder: string, remote: string | undefined): string {
  if (remote === undefined) return ''
  return [
    '[core]',
    '    remote = dsv',
    `['remote "dsv"']`,
    `    url = ${configValue(remoteUrl(path.resolve(outFolder), path.resolve(remote)))}`,
    '',
  ].join('\n')
}

/** What lies beside the folder may move along with it. */
function remoteUrl(outFolder: string, remote: string): string {
  const fromParent = path.relative(path.dirname(outFolder), remote)
  const isNear = !fromParent.startsWith('..') && !path.isAbsolute(fromParent)
  const url = isNear ? path.relative(path.join(outFolder, '.dvc'), remote) : remote
  return url.replaceAll(path.sep, '/')
}

function configValue(value: string): string {
  if (/^[\w./+-]+$/.test(value)) return value
  return value.includes('"') ? `'${value}'` : `"${value}"`
}

/** Puts a file in the place of another, all at once. */
function replace(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const temporary = path.join(path.dirname(file), `.${randomUUID()}.tmp`)
  try {
    fs.writeFileSync(temporary, text, { flag: 'wx' })
    fs.renameSync(temporary, file)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

/** Writes a file, unless it is there already; one with another content is not replaced. */
function writeOnce(file: string, text: string): void {
  if (refuseOther(file, text, true)) return
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text, { flag: 'wx' })
}

function refuseOther(file: string, text: string, isRefused: boolean): boolean {
  const there = readIfThere(file)
  if (there === undefined) return false
  if (there !== text && isRefused) throw dvcExportBlocked(file)
  return true
}

function addLine(file: string, line: string): void {
  const there = readIfThere(file) ?? ''
  if (there.split(/\r?\n/).includes(line)) return
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const separator = there === '' || there.endsWith('\n') ? '' : '\n'
  fs.writeFileSync(file, `${there}${separator}${line}\n`)
}

function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
