import {
  type DatasetStream,
  type Folder,
  formatSyntax,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type ClassTable, readClassNames } from './class-names.ts'
import { layoutToJson, shardName } from './layout.ts'
import { noteClasses, readSample, type SampleSource } from './read-sample.ts'
import { findShards, openShard, type Sample, samplesOf, type Shard } from './shard.ts'

/**
 * Reads shards of tar, sample by sample. They are looked through once for the names of classes, without
 * reading images; images are read when they are asked for.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readWebdataset(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const shards = await findShards(folder)
  if (shards.length === 0) {
    skipOrThrow(formatSyntax('*.tar', 'is not in the folder'), '*.tar', context)
  }
  const classes = await readClasses(folder, context)
  // What is wrong is said when items are read.
  const quiet: ReadContext = { ...context, onError: 'skip', onProblem: () => {} }
  for (const shard of shards) {
    for await (const [sample, source] of samplesIn(folder, shard, classes, quiet)) {
      try {
        await noteClasses(sample, source)
      } catch (error) {
        skipOrThrow(error, shard.path, quiet)
      }
    }
  }
  const names = shards.flatMap(({ path, subset }) => shardName(path, subset) ?? [])
  const bySubset = new Map(names.toReversed().map((name) => [name.subset, name]))
  return {
    schema: { categories: classes.categories(), attributes: [], info: {} },
    layout: layoutToJson({ names: [...bySubset.values()], classNames: classes.path }),
    items: readItems(folder, shards, classes, context),
  }
}

async function readClasses(folder: Folder, context: ReadContext): Promise<ClassTable> {
  try {
    return await readClassNames(folder)
  } catch (error) {
    skipOrThrow(error, 'classnames.txt', context)
    return readClassNames({ ...folder, list: async () => [] })
  }
}

async function* samplesIn(
  folder: Folder,
  shard: Shard,
  classes: ClassTable,
  context: ReadContext,
): AsyncGenerator<readonly [Sample, SampleSource]> {
  const { path } = shard
  try {
    const file = await openShard(folder, path, context.signal)
    try {
      const source = { file, shard, classes, context }
      for await (const sample of samplesOf(file, path, context)) yield [sample, source]
    } finally {
      await file.close()
    }
  } catch (error) {
    skipOrThrow(error, path, context)
  }
}

async function* readItems(
  folder: Folder,
  shards: readonly Shard[],
  classes: ClassTable,
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const seen = new Set<string>()
  for (const shard of shards) {
    const stem = shard.path.slice(shard.path.lastIndexOf('/') + 1).replace(/\..*$/u, '')
    for await (const [sample, source] of samplesIn(folder, shard, classes, context)) {
      try {
        const item = await readSample(sample, source)
        // Some count the samples of each shard from 0.
        const id = seen.has(`${item.subset}\0${item.id}`) ? `${stem}/${item.id}` : item.id
        if (seen.has(`${item.subset}\0${id}`)) {
          throw formatSyntax(shard.path, `has two samples called ${id}`)
        }
        seen.add(`${item.subset}\0${id}`)
        yield { ...item, id }
      } catch (error) {
        skipOrThrow(error, shard.path, context)
      }
    }
  }
}
