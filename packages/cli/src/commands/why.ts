import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDsvError, readItem, type Repository } from '@dsv/core'
import type { LineageNode } from '@dsv/pipeline'
import { readLineage } from '@dsv/pipeline'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { itemKeyOf } from '../item-key-of.ts'
import { repositoryPath } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { lineageLines } from '../views/lineage-lines.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv why`: what a file, folder or item was made of, and how. */
export const whyCommand: Command = defineCommand({
  name: 'why',
  positionals: '<path> [item]',
  summary: 'Show what a path was made of, down to its sources: commands, steps, parameters.',
  details: [
    'That is what dsv.lock recorded when the stages ran, and for an import what the other repository had',
    'recorded. With an item, it also says which of the datasets on the way have an item of that name.',
  ].join('\n'),
  examples: [
    ['dsv why data/train', 'Where this dataset came from'],
    ['dsv why metrics.json --rev v1.0', 'What the metrics of a version were computed of'],
    ['dsv why data/train train/0001', 'How far back an item goes'],
  ],
  describe: (options) =>
    options
      .positional('path', { type: 'string', describe: 'A file or folder', demandOption: true })
      .positional('item', { type: 'string', describe: 'An item of that dataset: subset/id' })
      .option('rev', { type: 'string', describe: 'A version; the working tree by default' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the tree as JSON' }),
  run: async ({ path: typed, item, rev, json }, io) => {
    await withRepository(io, async (repository) => {
      const inside = repositoryPath(repository, io, typed)
      const nodes = await readLineage(repository, inside, rev)
      const isKnown = nodes.some(({ stage, origin }) => (stage ?? origin) !== undefined)
      if (!isKnown && rev === undefined && !existsSync(join(repository.folder, inside)))
        throw new UsageError(`There is no ${typed}, and no stage has made it.`)
      const datasets =
        item === undefined ? undefined : await datasetsWith(repository, nodes, item, rev)
      if (item !== undefined && datasets?.every(({ isThere }) => !isThere) === true)
        throw new UsageError(`No dataset on the way has an item ${item}.`)
      if (json) {
        io.out(jsonText({ lineage: nodes, ...(datasets !== undefined && { item, datasets }) }))
        return
      }
      for (const line of lineageLines(nodes)) io.out(`${line}\n`)
      if (datasets !== undefined) printItem(item ?? '', datasets, io)
    })
  },
})

/** A dataset on the way, and whether it has the item. */
interface DatasetOnWay {
  readonly path: string
  readonly isThere: boolean
}

async function datasetsWith(
  repository: Repository,
  nodes: readonly LineageNode[],
  item: string,
  rev: string | undefined,
): Promise<readonly DatasetOnWay[]> {
  const found = new Map<string, boolean>()
  const visit = async (node: LineageNode): Promise<void> => {
    for (const each of node.inputs) await visit(each)
    if (found.has(node.path)) return
    const isThere = await hasItem(repository, node.path, item, rev)
    if (isThere !== undefined) found.set(node.path, isThere)
  }
  for (const node of nodes) await visit(node)
  return [...found].map(([path, isThere]) => ({ path, isThere }))
}

/** Undefined where there is no dataset. */
async function hasItem(
  repository: Repository,
  dataset: string,
  item: string,
  rev: string | undefined,
): Promise<boolean | undefined> {
  try {
    const at = rev ?? 'stage'
    return (await readItem(repository, { at, dataset, key: itemKeyOf(item) })) !== undefined
  } catch (error) {
    if (isDsvError(error, 'DSV_DATASET_UNKNOWN')) return undefined
    if (isDsvError(error, 'DSV_ITEM_UNKNOWN')) return false
    throw error
  }
}

function printItem(item: string, datasets: readonly DatasetOnWay[], io: CommandIo): void {
  io.out(`\nItem ${item}, from the sources on:\n`)
  for (const { path, isThere } of datasets)
    io.out(`  ${path || '.'}: ${isThere ? 'has it' : 'has no item of this name'}\n`)
}
