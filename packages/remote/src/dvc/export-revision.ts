import fs from 'node:fs'
import path from 'node:path'
import { type FileRecord, isBelow, listFiles, type Repository, resolveCommit } from '@dsv/core'
import type { ObjectId } from '@dsv/store'
import { dvcExportBlocked, dvcExportEmpty } from '../errors.ts'
import { cacheFolderOf } from './cache-folder.ts'
import { exportDvc, type ExportedFile, type ExportedOutput } from './export-dvc.ts'
import type { Environment } from './registry-storages.ts'

/** What of a repository is written for DVC, and where to. */
export interface ExportRevisionRequest {
  readonly revision: string
  /** Absolute: a new folder, or one with Git and DVC. */
  readonly output: string
  /** Folders and files that become an output each; by default what {@link exportRevision} says. */
  readonly paths?: readonly string[]
  /** Absolute: see `ExportDvcOptions`. */
  readonly remote?: string
  /** Replaces what an older export wrote. */
  readonly force?: boolean
  /** Where the user's config of DVC is found. */
  readonly env: Environment
}

/** What DVC has no place for. */
export interface ExportLeftOut {
  readonly path: string
  readonly reason: 'empty-folder' | 'reserved' | 'symlink'
}

/** What was written. */
export interface ExportedRevision {
  readonly commit: ObjectId
  readonly outputs: readonly ExportedOutput[]
  /** Files that lie as they are, for Git. */
  readonly plainFiles: readonly string[]
  readonly leftOut: readonly ExportLeftOut[]
  /** Executable files in folders, which DVC makes ordinary files. */
  readonly modesLost: number
}

/** A file beside datasets that is larger is nothing for Git. */
const MAX_PLAIN_BYTES = 2 ** 20

/**
 * Writes a version so that DVC 3 can get it: each dataset is an output; so is each folder that has no
 * dataset in it. Files beside these are written as they are, for Git, or are outputs when they are large.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_DVC_EXPORT_EMPTY`, and what {@link exportDvc} throws
 */
export async function exportRevision(
  repository: Repository,
  request: ExportRevisionRequest,
): Promise<ExportedRevision> {
  const { revision, output, paths, remote, force = false, env } = request
  const commit = await resolveCommit(repository, revision)
  const plan = await planExport(repository, commit, paths)
  const cache = cacheFolderOf(output, env)
  const outputs: ExportedOutput[] = []
  const open = (file: StoredFile) => () => repository.store.objects.streamBlob(file.blob)
  const { signal } = repository.environment
  for (const [name, files] of plan.outputs) {
    async function* exported(): AsyncGenerator<ExportedFile> {
      for (const [inside, file] of files) {
        signal.throwIfAborted()
        yield { path: inside, isExecutable: file.type === 'executable', open: open(file) }
      }
    }
    const options = { name, cache, force, ...(remote !== undefined && { remote }) }
    outputs.push(await exportDvc(exported(), output, options))
  }
  for (const [name, file] of plan.plain) {
    const bytes = await repository.store.objects.getBlob(file.blob)
    writePlain(path.join(output, name), bytes, { isExecutable: file.type === 'executable', force })
  }
  const { leftOut, modesLost } = plan
  return { commit, outputs, plainFiles: [...plan.plain.keys()], leftOut, modesLost }
}

type StoredFile = Extract<FileRecord, { readonly blob: unknown }>

interface ExportPlan {
  /** By name of the output, its files by path in it. */
  readonly outputs: ReadonlyMap<string, ReadonlyMap<string, StoredFile>>
  readonly plain: ReadonlyMap<string, StoredFile>
  readonly leftOut: readonly ExportLeftOut[]
  readonly modesLost: number
}

async function planExport(
  repository: Repository,
  commit: ObjectId,
  paths: readonly string[] | undefined,
): Promise<ExportPlan> {
  const { datasets } = await repository.commit(commit)
  const outputs = new Map<string, Map<string, StoredFile>>()
  const plain = new Map<string, StoredFile>()
  const leftOut: ExportLeftOut[] = []
  let modesLost = 0
  const outputOf = paths === undefined ? wholeOutputs([...datasets.keys()]) : namedOutputs(paths)
  for await (const { path: full, file } of listFiles(repository, { at: commit })) {
    const name = outputOf(full)
    if (name === undefined) continue
    const isLoose = name === full
    if (!('blob' in file)) leftOut.push({ path: full, reason: file.type })
    else if (isReserved(name)) leftOut.push({ path: full, reason: 'reserved' })
    else if (isLoose && paths === undefined && file.sizeBytes <= MAX_PLAIN_BYTES)
      plain.set(full, file)
    else {
      if (!isLoose && file.type === 'executable') modesLost += 1
      const files = outputs.get(name) ?? new Map<string, StoredFile>()
      outputs.set(name, files.set(isLoose ? '' : full.slice(name.length + 1), file))
    }
  }
  for (const each of paths ?? [])
    if (![...outputs.keys()].includes(each)) throw dvcExportEmpty(each)
  return { outputs, plain, leftOut, modesLost }
}

function namedOutputs(paths: readonly string[]): (file: string) => string | undefined {
  return (file) => paths.find((each) => isBelow(file, each))
}

/** A dataset, else the topmost folder without a dataset, else the file itself. */
function wholeOutputs(datasets: readonly string[]): (file: string) => string {
  const named = datasets.filter((each) => each !== '')
  return (file) => {
    const dataset = named.find((each) => isBelow(file, each))
    if (dataset !== undefined) return dataset
    for (let at = file.indexOf('/'); at > 0; at = file.indexOf('/', at + 1)) {
      const folder = file.slice(0, at)
      if (!named.some((each) => isBelow(each, folder))) return folder
    }
    return file
  }
}

/** What DVC and Git have names of their own for. */
function isReserved(name: string): boolean {
  const base = path.posix.basename(name)
  const names = ['.gitignore', '.dvcignore', '.dvc', '.git', 'dvc.yaml', 'dvc.lock']
  return names.includes(base) || base.endsWith('.dvc') || name.startsWith('.dvc/')
}

function writePlain(
  target: string,
  bytes: Uint8Array,
  { isExecutable, force }: { readonly isExecutable: boolean; readonly force: boolean },
): void {
  if (fs.existsSync(target)) {
    if (Buffer.compare(fs.readFileSync(target), bytes) === 0) return
    if (!force) throw dvcExportBlocked(target)
  }
  fs.mkdirSync(path.dirname(target), { recursive: true })
  const temporary = `${target}.${process.pid}.tmp`
  try {
    fs.writeFileSync(temporary, bytes, { flag: 'wx', mode: isExecutable ? 0o777 : 0o666 })
    fs.renameSync(temporary, target)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}
