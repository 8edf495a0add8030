import type { StageRecord } from '../lock/stage-record.ts'
import type { PipelineLock } from '../lock/stage-record.ts'

/** Where a file or folder came from. */
export interface LineageNode {
  readonly path: string
  /** What it held; undefined for what no stage has read or made. */
  readonly id: string | undefined
  /** The stage that made it. */
  readonly stage?: string
  /** What the stage did. */
  readonly record?: StageRecord
  /** What it was brought from, where it is an import. */
  readonly origin?: Origin
  /** What the stage has read. */
  readonly inputs: readonly LineageNode[]
  /** Whether `inputs` are left out, because they stand elsewhere. */
  readonly isRepeated?: boolean
}

/** Where an import came from. */
export interface Origin {
  readonly url: string
  readonly from: string
  readonly commit: string
  /** What was asked for; absent for the main branch. */
  readonly revision?: string
  /** The query that chose items. */
  readonly where?: string
  /** The stage over there that was run here. */
  readonly madeBy?: string
  /** How it came to be over there, as far as that was recorded. */
  readonly inputs?: readonly LineageNode[]
}

/** What lineage is read from. */
export interface LineageSources {
  readonly lock: PipelineLock
  /** Returns where a path was imported from. */
  readonly originOf: (path: string) => Origin | undefined
}

/**
 * Returns where a path came from, down to what no stage has made: what lies in it where it is a folder around
 * outputs. Each stage is written out once.
 */
export function lineage(path: string, sources: LineageSources): readonly LineageNode[] {
  const makers = new Map<string, string>()
  for (const [address, { outputs }] of sources.lock)
    for (const output of Object.keys(outputs)) makers.set(output, address)
  const made = [...makers.keys()].toSorted()
  const inside = made.filter((output) => path === '' || output.startsWith(`${path}/`))
  const around = foldersFrom(path).find((folder) => makers.has(folder))
  const starts = around !== undefined ? [around] : inside.length > 0 ? inside : [path]
  const written = new Set<string>()
  const walk = { sources, makers, made, written, onWay: new Set<string>() }
  return starts.map((start) => nodeOf(start, undefined, walk))
}

interface Walk {
  readonly sources: LineageSources
  /** The stage by output. */
  readonly makers: ReadonlyMap<string, string>
  readonly made: readonly string[]
  /** Stages whose inputs are written out. */
  readonly written: Set<string>
  /** A lock that somebody changed may lead in circles. */
  readonly onWay: Set<string>
}

function nodeOf(path: string, id: string | undefined, walk: Walk): LineageNode {
  const { sources, makers, written, onWay } = walk
  const folder = foldersFrom(path).find((each) => makers.has(each))
  const stage = folder === undefined ? undefined : makers.get(folder)
  const record = stage === undefined ? undefined : sources.lock.get(stage)
  if (stage === undefined || record === undefined) return sourceNode(path, id, walk)
  const known = id ?? record.outputs[path]
  if (written.has(stage) || onWay.has(stage))
    return { path, id: known, stage, record, inputs: [], isRepeated: true }
  onWay.add(stage)
  const inputs = Object.entries(record.dependencies).map(([each, its]) => nodeOf(each, its, walk))
  onWay.delete(stage)
  written.add(stage)
  return { path, id: known, stage, record, inputs }
}

/** A folder that no stage has made may hold what stages have made. */
function sourceNode(path: string, id: string | undefined, walk: Walk): LineageNode {
  const origin = walk.sources.originOf(path)
  const inside = walk.made.filter((output) => output.startsWith(`${path}/`))
  const inputs = inside.map((output) => nodeOf(output, undefined, walk))
  return { path, id, ...(origin !== undefined && { origin }), inputs }
}

/** A path and the folders that it lies in, innermost first. */
function foldersFrom(path: string): readonly string[] {
  const folders = [path]
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    folders.push(path.slice(0, at))
  return folders
}
