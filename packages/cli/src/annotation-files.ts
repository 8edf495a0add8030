import { type CheckFinding } from '@dsv/analysis'
import { listFiles, type Repository } from '@dsv/core'
import type { CheckedDataset } from './check-datasets.ts'
import type { FileOf } from './views/sarif-json.ts'

/** The annotation files of a dataset, as far as some items need them. */
interface AnnotationFiles {
  readonly count: number
  readonly first: string | undefined
  /** By name without folder and extension. */
  readonly byStem: ReadonlyMap<string, readonly string[]>
  /** By subset, where the path names it. */
  readonly bySubset: ReadonlyMap<string, string>
}

/**
 * Finds the annotation files that most likely say what findings are about: the one that is called like the item; else
 * the only one there is; else one whose path names the subset; else none, and the folder of the dataset stands for it.
 * Memory grows with the findings, not with the files.
 */
export async function annotationFiles(
  repository: Repository,
  datasets: readonly CheckedDataset[],
  at: string | undefined,
): Promise<FileOf> {
  const found = new Map<string, AnnotationFiles>()
  for (const dataset of datasets)
    if (dataset.findings.length > 0) found.set(dataset.path, await filesOf(repository, dataset, at))
  return (dataset, finding) => {
    const files = found.get(dataset.path)
    return (files && likelyFile(files, finding)) ?? dataset.path
  }
}

async function filesOf(
  repository: Repository,
  { path, findings }: CheckedDataset,
  at: string | undefined,
): Promise<AnnotationFiles> {
  const stems = new Set(findings.flatMap(({ id }) => (id === undefined ? [] : [stemOf(id)])))
  const subsets = new Set(findings.flatMap(({ subset = '' }) => (subset === '' ? [] : [subset])))
  const byStem = new Map<string, string[]>()
  const bySubset = new Map<string, string>()
  let [count, first]: [number, string | undefined] = [0, undefined]
  for await (const { path: file, file: record } of listFiles(repository, {
    under: path,
    ...(at !== undefined && { at }),
  })) {
    if (!('role' in record) || record.role !== 'annotation') continue
    count += 1
    first ??= file
    const stem = stemOf(file)
    if (stems.has(stem)) byStem.set(stem, [...(byStem.get(stem) ?? []), file])
    for (const subset of subsets)
      if (!bySubset.has(subset) && wordsOf(file.slice(path.length)).includes(subset))
        bySubset.set(subset, file)
  }
  return { count, first, byStem, bySubset }
}

function likelyFile(
  { count, first, byStem, bySubset }: AnnotationFiles,
  { subset, id }: CheckFinding,
): string | undefined {
  const called = id === undefined ? [] : (byStem.get(stemOf(id)) ?? [])
  const inSubset = called.find((file) => wordsOf(file).includes(subset ?? ''))
  return inSubset ?? called[0] ?? (count === 1 ? first : bySubset.get(subset ?? ''))
}

function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name.replace(/\.[^.]*$/u, '')
}

function wordsOf(path: string): readonly string[] {
  return path.split(/[/._-]/u)
}
