import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { checkPath } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { dvcExportBlocked } from '../errors.ts'
import { checkEntries, writeDirObject } from './dir-object.ts'
import type { DvcEntry } from './dvc-out.ts'
import { objectPaths } from './read-dvc-object.ts'
import { visitInParallel } from './visit-in-parallel.ts'

/** One file to export. */
export interface ExportedFile {
  /** In the exported folder, `/`-separated. */
  readonly path: string
  /** Reads it. */
  open(): AsyncIterable<Uint8Array>
}

/** Settings of {@link exportDvc}. */
export interface ExportDvcOptions {
  /** Name of the folder that DVC makes of the files; `<name>.dvc` points to it. May lie in folders. */
  readonly name: string
  /**
   * Folder for the objects, which the config then names as the default remote, so that `dvc pull` fetches
   * them, in clones as well. By default they go to the cache of the folder itself, for `dvc checkout`.
   */
  readonly remote?: string
  /** How many files to write at once; 8 by default. */
  readonly parallel?: number
}

/** What {@link exportDvc} wrote. */
export interface ExportedFolder {
  /** The pointer, from the exported folder. */
  readonly pointer: string
  /** Of the directory, with `.dir`. */
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
  { name, remote, parallel = 8 }: ExportDvcOptions,
): Promise<ExportedFolder> {
  checkPath(name)
  const config = configText(outFolder, remote)
  refuseOther(path.join(outFolder, '.dvc', 'config'), config, remote !== undefined)
  const objects = remote ?? path.join(outFolder, '.dvc', 'cache')
  const entries: DvcEntry[] = []
  let sizeBytes = 0
  await visitInParallel(files, parallel, async (file) => {
    const written = await writeObject(objects, file)
    sizeBytes += written.sizeBytes
    entries.push({ path: file.path, md5: written.md5 })
  })
  checkEntries(entries, name)
  const listing = writeDirObject(entries)
  const md5 = createHash('md5').update(listing).digest('hex')
  placeObject(objects, { md5, isFolder: true }, writeTemporary(objects, listing))
  const pointer = `${name}.dvc`
  const text = pointerText({ name, md5, sizeBytes, fileCount: entries.length })
  writeOnce(path.join(outFolder, pointer), text)
  addLine(
    path.join(outFolder, path.posix.dirname(name), '.gitignore'),
    `/${path.posix.basename(name)}`,
  )
  const dvcFolder = path.join(outFolder, '.dvc')
  if (!fs.existsSync(path.join(dvcFolder, 'config'))) {
    writeOnce(path.join(dvcFolder, 'config'), config)
  }
  for (const line of ['/config.local', '/tmp', '/cache']) {
    addLine(path.join(dvcFolder, '.gitignore'), line)
  }
  return { pointer, md5: `${md5}.dir`, fileCount: entries.length, sizeBytes }
}

interface WrittenObject {
  readonly md5: string
  readonly sizeBytes: number
}

async function writeObject(objects: string, file: ExportedFile): Promise<WrittenObject> {
  checkPath(file.path)
  const temporary = temporaryIn(objects)
  const hash = createHash('md5')
  let sizeBytes = 0
  const descriptor = fs.openSync(temporary, 'wx')
  try {
    for await (const bytes of file.open()) {
      hash.update(bytes)
      sizeBytes += bytes.length
      fs.writeFileSync(descriptor, bytes)
    }
    fs.fsyncSync(descriptor)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  } finally {
    fs.closeSync(descriptor)
  }
  const md5 = hash.digest('hex')
  placeObject(objects, { md5, isFolder: false }, temporary)
  return { md5, sizeBytes }
}

/** Moves an object to its place, where DVC lets nobody write. */
function placeObject(
  objects: string,
  { md5, isFolder }: { readonly md5: string; readonly isFolder: boolean },
  temporary: string,
): void {
  const [place = ''] = objectPaths({ hash: 'md5', md5, isFolder })
  const target = path.join(objects, place)
  try {
    if (fs.existsSync(target)) {
      if (md5OfFile(target) !== md5) throw dvcExportBlocked(target)
      return
    }
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.chmodSync(temporary, 0o444)
    fs.renameSync(temporary, target)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

function md5OfFile(file: string): string {
  const hash = createHash('md5')
  const buffer = Buffer.alloc(2 ** 20)
  const descriptor = fs.openSync(file, 'r')
  try {
    for (;;) {
      const length = fs.readSync(descriptor, buffer)
      if (length === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, length))
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

function writeTemporary(objects: string, bytes: Uint8Array): string {
  const temporary = temporaryIn(objects)
  fs.writeFileSync(temporary, bytes, { flag: 'wx' })
  return temporary
}

function temporaryIn(objects: string): string {
  fs.mkdirSync(objects, { recursive: true })
  return path.join(objects, `.${randomUUID()}.tmp`)
}

function pointerText(out: {
  readonly name: string
  readonly md5: string
  readonly sizeBytes: number
  readonly fileCount: number
}): string {
  return [
    'outs:',
    `- md5: ${out.md5}.dir`,
    `  size: ${out.sizeBytes}`,
    `  nfiles: ${out.fileCount}`,
    '  hash: md5',
    `  path: ${yamlText(path.posix.basename(out.name))}`,
    '',
  ].join('\n')
}

/** Every JSON text is a YAML text; what is plain in both stays bare, as DVC writes it. */
function yamlText(value: string): string {
  const isPlain =
    /^[A-Za-z][\w.-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
  return isPlain ? value : JSON.stringify(value)
}

function configText(outFolder: string, remote: string | undefined): string {
  const core: string[] = []
  if (!isInGit(outFolder)) core.push('    no_scm = True')
  if (remote === undefined) return core.length === 0 ? '' : `[core]\n${core.join('\n')}\n`
  const url = path
    .relative(path.join(path.resolve(outFolder), '.dvc'), path.resolve(remote))
    .replaceAll(path.sep, '/')
  return [
    '[core]',
    ...core,
    '    remote = dsv',
    `['remote "dsv"']`,
    `    url = ${configValue(url)}`,
    '',
  ].join('\n')
}

function configValue(value: string): string {
  if (/^[\w./+-]+$/.test(value)) return value
  return value.includes('"') ? `'${value}'` : `"${value}"`
}

function isInGit(folder: string): boolean {
  const absolute = path.resolve(folder)
  if (fs.existsSync(path.join(absolute, '.git'))) return true
  const parent = path.dirname(absolute)
  return parent !== absolute && isInGit(parent)
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
