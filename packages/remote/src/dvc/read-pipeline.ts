import path from 'node:path'
import { dvcMetadataInvalid } from '../errors.ts'
import type { DvcOut, DvcRecipe, SkippedOut } from './dvc-out.ts'
import {
  isYamlMap,
  parseTypedYaml,
  parseYaml,
  type YamlJson,
  type YamlMap,
  type YamlText,
} from './parse-yaml.ts'
import { commandLines, readRecorded } from './read-dvc-file.ts'
import { list, readOut, text } from './read-out.ts'

/** `dvc.yaml` and `dvc.lock` of one folder. */
export interface PipelineFiles {
  /** From the root of the repository; `''` for the root. */
  readonly folder: string
  readonly yaml: Uint8Array
  readonly lock: Uint8Array | undefined
}

/**
 * Reads the outputs of a pipeline. `dvc.yaml` says which there are and how they are kept, `dvc.lock` what
 * they held when the stage ran. Names that come from templates (`${…}`, `foreach`, `matrix`) are taken from
 * `dvc.lock`, which has them written out.
 *
 * @throws `DSV_DVC_METADATA_INVALID`
 */
export function readPipeline(files: PipelineFiles): readonly (DvcOut | SkippedOut)[] {
  const yamlFile = path.posix.join(files.folder, 'dvc.yaml')
  const lockFile = path.posix.join(files.folder, 'dvc.lock')
  const stages = mapOf(parseYaml(files.yaml, yamlFile).get('stages'), yamlFile, 'stages')
  const locked = lockedStages(files.lock, lockFile)
  const typed = lazily(() => typedParams(files.lock, lockFile))
  return [...stages].flatMap(([name, written]) => {
    const declared = mapOf(written, yamlFile, name)
    const stage = isYamlMap(declared.get('do'))
      ? mapOf(declared.get('do'), yamlFile, name)
      : declared
    const isGroup = declared.has('foreach') || declared.has('matrix')
    const runs = isGroup ? [...locked.keys()].filter((each) => each.startsWith(`${name}@`)) : [name]
    return runs.flatMap((run) => {
      const lock = locked.get(run)
      const context = { name: run, file: yamlFile, folder: files.folder }
      return outsOfStage(stage, lock, context, () => typed().get(run) ?? {})
    })
  })
}

interface StageContext {
  readonly name: string
  readonly file: string
  readonly folder: string
}

function outsOfStage(
  stage: YamlMap,
  lock: YamlMap | undefined,
  { name, file, folder: pipelineFolder }: StageContext,
  params: () => Readonly<Record<string, YamlJson>>,
): readonly (DvcOut | SkippedOut)[] {
  const specs = outSpecs(stage, file)
  const wdir = text(stage, 'wdir') ?? '.'
  if (isTemplate(wdir)) {
    const problem = `lies in the working folder ${wdir}, which is a template`
    return specs.map((spec) => ({ definedIn: file, path: spec.path, problem }))
  }
  const folder = path.posix.join(pipelineFolder === '' ? '.' : pipelineFolder, wdir)
  const entries = lock === undefined ? [] : list(lock, 'outs', file).filter(isYamlMap)
  const makeRecipe = lazily((): DvcRecipe => ({
    stage: name,
    definedIn: file,
    folder: path.posix.normalize(folder),
    command: commandLines(lock?.get('cmd') ?? stage.get('cmd')),
    deps: lock === undefined ? [] : readRecorded(list(lock, 'deps', file), folder),
    params: params(),
    outs: readRecorded(entries, folder),
  }))
  const read = (entry: YamlMap, flags: YamlMap): DvcOut | SkippedOut => {
    const isStored =
      text(flags, 'cache')?.toLowerCase() !== 'false' && text(entry, 'md5') !== undefined
    const recipe = isStored ? undefined : makeRecipe()
    return readOut(entry, { definedIn: file, folder, stage: name, flags, recipe })
  }
  const named = specs.filter((spec) => !isTemplate(spec.path))
  const templates = specs.filter((spec) => isTemplate(spec.path))
  const fromNames = named.map((spec) => {
    const entry = entries.find((each) => samePath(text(each, 'path'), spec.path))
    return read(entry ?? new Map([['path', spec.path]]), spec.flags)
  })
  const fromTemplates = entries.flatMap((entry) => {
    const written = text(entry, 'path') ?? ''
    if (named.some((spec) => samePath(written, spec.path))) return []
    const spec = templates
      .filter((each) => fits(written, each.path))
      .toSorted((a, b) => literalLength(b.path) - literalLength(a.path))[0]
    // What the pipeline no longer names is a leftover of an earlier run.
    return spec === undefined ? [] : [read(entry, spec.flags)]
  })
  return [...fromNames, ...fromTemplates]
}

interface OutSpec {
  readonly path: string
  readonly flags: YamlMap
}

/** `- path` or `- path: {cache: false, …}`, in three lists. */
function outSpecs(stage: YamlMap, file: string): readonly OutSpec[] {
  return ['outs', 'metrics', 'plots'].flatMap((key) =>
    list(stage, key, file).flatMap((each): OutSpec[] => {
      if (typeof each === 'string') return [{ path: each, flags: new Map() }]
      if (!isYamlMap(each)) throw dvcMetadataInvalid(file, `${key} holds a list`)
      return [...each].map(([written, flags]) => ({
        path: written,
        flags: isYamlMap(flags) ? flags : new Map(),
      }))
    }),
  )
}

/** Since 2.0 the stages have a key of their own; 1.x had nothing else in the file. */
function lockedStages(bytes: Uint8Array | undefined, file: string): ReadonlyMap<string, YamlMap> {
  if (bytes === undefined) return new Map()
  const map = parseYaml(bytes, file)
  const stages = map.has('schema') ? mapOf(map.get('stages'), file, 'stages') : map
  return new Map([...stages].map(([name, stage]) => [name, mapOf(stage, file, name)]))
}

function typedParams(
  bytes: Uint8Array | undefined,
  file: string,
): ReadonlyMap<string, Readonly<Record<string, YamlJson>>> {
  const root = bytes === undefined ? {} : parseTypedYaml(bytes, file)
  const top = isRecord(root) ? root : {}
  const stages = isRecord(top['stages']) && 'schema' in top ? top['stages'] : top
  return new Map(
    Object.entries(stages).map(([name, stage]) => {
      const params = isRecord(stage) ? stage['params'] : undefined
      return [name, isRecord(params) ? params : {}]
    }),
  )
}

function isRecord(value: YamlJson | undefined): value is { readonly [key: string]: YamlJson } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mapOf(value: YamlText | undefined, file: string, name: string): YamlMap {
  if (value === undefined || value === '') return new Map()
  if (isYamlMap(value)) return value
  throw dvcMetadataInvalid(file, `${JSON.stringify(name.slice(0, 100))} is no mapping`)
}

function isTemplate(written: string): boolean {
  return written.includes('${')
}

function samePath(a: string | undefined, b: string): boolean {
  return a !== undefined && trimmed(a) === trimmed(b)
}

function trimmed(written: string): string {
  return path.posix.normalize(written).replace(/\/$/, '')
}

/** Whether text comes from a template: its fixed pieces follow each other. Never backtracks. */
function fits(written: string, template: string): boolean {
  const pieces = template.split(/\$\{[^}]*\}/)
  const [first = ''] = pieces
  const last = pieces.at(-1) ?? ''
  if (!written.startsWith(first) || !written.endsWith(last)) return false
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = written.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return from + last.length <= written.length
}

function literalLength(template: string): number {
  return template.replaceAll(/\$\{[^}]*\}/g, '').length
}

function lazily<Result>(make: () => Result): () => Result {
  let made: { readonly value: Result } | undefined
  return () => (made ??= { value: make() }).value
}
