import { createHash } from 'node:crypto'
import { cpSync, readFileSync } from 'node:fs'
import path from 'node:path'
import {
  add,
  type AnnotationDraft,
  commit,
  exportDataset,
  GROUND_TRUTH,
  type LossSummary,
  removePaths,
  restore,
  switchTo,
} from '@dsv/core'
import { builtInFormats, diskFolder } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { type SampleFormat, SAMPLE_FORMATS, sampleDataset } from './sample-datasets.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** One line for each statement of a dataset: the bytes of the image, then what is said about it. */
async function statements(folder: string, format: string): Promise<readonly string[]> {
  const files = diskFolder(folder)
  const adapter = await builtInFormats.load(format)
  const { schema, items } = await adapter.read(files, {
    signal: new AbortController().signal,
    onLoss: () => {},
    onError: 'fail',
    onProblem: (problem) => {
      throw new Error(JSON.stringify(problem))
    },
    probe: async (file) => builtInFormats.probe(files, file),
  })
  const names = new Map(schema.categories.map(({ key, name }) => [key, name]))
  const lines: string[] = []
  for await (const { media, layers } of items) {
    const [image] = media
    const bytes = readFileSync(path.join(folder, image?.path ?? ''))
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
    lines.push(`${hash} image`)
    for (const annotation of layers[GROUND_TRUTH] ?? [])
      lines.push(`${hash} ${said(annotation, names)}`)
  }
  return lines.toSorted()
}

function said(annotation: AnnotationDraft, names: ReadonlyMap<string, string>): string {
  const name = names.get(annotation.category ?? '') ?? '-'
  if (annotation.type !== 'box') return `${annotation.type} ${name}`
  const { x, y, width, height } = annotation
  return `box ${name} ${[x, y, width, height].map((value) => value.toFixed(2)).join(' ')}`
}

/** Adds a dataset in a folder `data` and commits it. */
async function committed(
  workspace: Workspace,
  files: Readonly<Record<string, string | Buffer>>,
  format: SampleFormat,
): Promise<void> {
  for (const [file, content] of Object.entries(files)) workspace.write(`data/${file}`, content)
  await add(workspace.repository, { paths: ['data'], format })
  await commit(workspace.repository, { message: format })
}

/** The annotations that are missing in `found`, by type. */
function missing(expected: readonly string[], found: readonly string[]): readonly string[] {
  const left = [...found]
  return expected.filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/** The image and the category that a statement is about, without the type and place. */
function thing(line: string): string {
  const [image, , category] = line.split(' ')
  return `${image} ${category}`
}

/** A dataset with what few formats hold: polygons, captions of a crowd, two boxes on one image. */
const RICH_COCO = {
  ...sampleDataset('coco'),
  'annotations/instances_train.json': JSON.stringify({
    images: [
      { id: 1, file_name: 'a b.png', width: 40, height: 30 },
      { id: 2, file_name: 'größe.png', width: 40, height: 30 },
    ],
    categories: [
      { id: 1, name: 'cat', supercategory: 'animal' },
      { id: 7, name: 'dog', supercategory: 'animal' },
      { id: 3, name: 'never used' },
    ],
    annotations: [
      { id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0 },
      { id: 2, image_id: 1, category_id: 7, bbox: [10, 12, 13, 14], area: 182, iscrowd: 0 },
      {
        id: 3,
        image_id: 2,
        category_id: 7,
        segmentation: [[5, 5, 15, 5, 15, 15, 5, 15]],
        bbox: [5, 5, 10, 10],
        area: 100,
        iscrowd: 0,
      },
      {
        id: 4,
        image_id: 2,
        category_id: 1,
        segmentation: { size: [30, 40], counts: [0, 30, 1170] },
        bbox: [0, 0, 1, 30],
        area: 30,
        iscrowd: 1,
      },
    ],
  }),
}

const SOURCES = [
  ...SAMPLE_FORMATS.map((format) => [format, format, sampleDataset(format)] as const),
  ['coco with polygons', 'coco', RICH_COCO] as const,
]

const PAIRS = SOURCES.flatMap(([name, from, files]) =>
  SAMPLE_FORMATS.map((to) => ({ name, from, to, files })),
)

describe.each(PAIRS)('$name, committed and exported as $to', ({ from, to, files }) => {
  it('says the same, up to the losses that are reported', async () => {
    await using workspace = await openWorkspace()
    await committed(workspace, files, from)
    const output = path.join(workspace.outside, 'exported')
    const { losses } = await exportDataset(workspace.repository, {
      revision: 'HEAD',
      dataset: 'data',
      format: to,
      output,
    })

    const before = await statements(workspace.at('data'), from)
    const after = await statements(output, to)

    const [lost, found] = [missing(before, after), missing(after, before)]
    expect(lost.filter((line) => line.endsWith(' image'))).toEqual([])
    expect(found.filter((line) => line.endsWith(' image'))).toEqual([])
    const lostCount = losses.reduce((sum: number, { count }: LossSummary) => sum + count, 0)
    expect({ lost, isReported: lostCount >= lost.length }).toEqual({ lost, isReported: true })
    // What stands for something that was lost may be there, of the same category; nothing made up.
    const things = new Set(lost.map(thing))
    expect(found.filter((line) => !things.has(thing(line)))).toEqual([])
    if (from === to) expect({ lost, found, losses }).toEqual({ lost: [], found: [], losses: [] })
  })
})

describe('a dataset that was exported, committed elsewhere and exported back', () => {
  it.each(['coco', 'voc', 'yolo'] as const)('has the same boxes after %s', async (through) => {
    for (const from of ['coco', 'voc', 'yolo'] as const) {
      await using first = await openWorkspace()
      await committed(first, sampleDataset(from), from)
      const there = path.join(first.outside, 'there')
      const request = { revision: 'HEAD', dataset: 'data', format: through, output: there }
      await exportDataset(first.repository, request)

      await using second = await openWorkspace()
      cpSync(there, second.at('data'), { recursive: true })
      await add(second.repository, { paths: ['data'], format: through })
      await commit(second.repository, { message: 'there' })
      const back = path.join(second.outside, 'back')
      await exportDataset(second.repository, { ...request, format: from, output: back })

      expect(await statements(back, from)).toEqual(await statements(first.at('data'), from))
    }
  })
})

describe('an export in the format of the commit', () => {
  it.each(SAMPLE_FORMATS)(
    'has the bytes of the commit in %s, whatever the disk holds',
    async (format) => {
      await using workspace = await openWorkspace()
      const { repository } = workspace
      await committed(workspace, sampleDataset(format), format)
      await switchTo(repository, { target: 'later', create: true })
      workspace.write('data/later.txt', 'later')
      await workspace.save('later')
      const output = path.join(workspace.outside, 'exported')
      const outcome = await exportDataset(repository, { revision: 'main', dataset: 'data', output })
      expect(outcome).toMatchObject({ isVerbatim: true, losses: [] })
      for (const [file, content] of Object.entries(sampleDataset(format)))
        expect(readFileSync(path.join(output, file))).toEqual(Buffer.from(content))
      await restore(repository, { paths: [''] })
    },
  )
})

describe('a file that no adapter claims', () => {
  it.each(SAMPLE_FORMATS)('can come, change and go beside a dataset in %s', async (format) => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    await committed(workspace, sampleDataset(format), format)
    const { stage } = (await repository.state()).work
    for (const file of [
      'note.txt',
      'note.md',
      'note.xml',
      'deep/note.csv',
      '.txt',
      'labels/.txt',
    ]) {
      for (const content of ['one', 'two']) {
        workspace.write(`data/${file}`, content)
        await add(repository, { paths: [''] })
        expect((await repository.state()).work.stage.datasets).toEqual(stage.datasets)
      }
      await removePaths(repository, { paths: [`data/${file}`] })
    }
    const after = (await repository.state()).work.stage
    expect(after.files).toEqual(stage.files)
    expect(after.datasets).toEqual(stage.datasets)
  })
})
