// Uses dsv as a library: makes a repository, commits a dataset twice, and asks what changed.
//
//   node count-changes.mjs <empty folder>
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { add, commit, diff, Repository, summarizeDiff } from '@dsv/core'
import { builtInFormats } from '@dsv/formats'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node count-changes.mjs <empty folder>')

await writeDataset(path.join(folder, 'plates'))
const repository = await Repository.init(folder, environment())
try {
  await add(repository, { paths: ['plates'] })
  const first = await commit(repository, { message: 'Two plates' })
  console.log(`# Committed ${first.commitId.slice(0, 12)}`)

  await moveFirstBox(path.join(folder, 'plates'))
  const second = await commit(repository, { message: 'Move a box', all: true })
  console.log(`# Committed ${second.commitId.slice(0, 12)}`)

  await diff(repository, revision('HEAD~1'), revision('HEAD'), async ({ datasets }) => {
    for (const dataset of datasets) {
      const { annotations } = await summarize(dataset.items())
      console.log(`${dataset.path}: ${JSON.stringify(annotations)}`)
    }
  })
} finally {
  await repository.close()
}

/** What a library must be told of the world: the clock, who it works for, how to stop. */
function environment() {
  return {
    formats: builtInFormats,
    now: () => ({ seconds: Math.floor(Date.now() / 1000), offsetMinutes: 0 }),
    user: { name: 'Example', email: 'example@example.org' },
    host: 'example',
    command: 'count-changes.mjs',
    link: 'copy',
    signal: new AbortController().signal,
    onProgress: () => {},
    workerUrl: undefined,
  }
}

function revision(text) {
  return { type: 'revision', revision: text }
}

async function summarize(items) {
  const all = []
  for await (const item of items) all.push(item)
  return summarizeDiff(all)
}

/** Two images of one pixel with a label file each, as YOLO wants them. */
async function writeDataset(root) {
  const pixel =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  for (const kind of ['images', 'labels']) {
    await mkdir(path.join(root, kind, 'train'), { recursive: true })
  }
  await writeFile(path.join(root, 'data.yaml'), 'train: images/train\nnames:\n  0: plate\n')
  for (const name of ['a', 'b']) {
    await writeFile(path.join(root, 'images/train', `${name}.png`), Buffer.from(pixel, 'base64'))
    await writeFile(path.join(root, 'labels/train', `${name}.txt`), '0 0.5 0.5 0.4 0.2\n')
  }
}

async function moveFirstBox(root) {
  const file = path.join(root, 'labels/train/a.txt')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('0.5 0.5', '0.45 0.5'))
}
