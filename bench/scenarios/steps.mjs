// A step on a large annotation file: one category of it, and its images dealt into subsets.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expectEqual } from './recorder.mjs'

const CONTENT = fileURLToPath(new URL('../measure/coco-content.mjs', import.meta.url))

const CATEGORY = 'person'
const SHARES = { train: 0.8, val: 0.1, test: 0.1 }

/** Each step: its words for dsv, its arguments for Datumaro, and what has to come out. */
const STEPS = [
  {
    name: 'filter, one category',
    phase: 'filter',
    dsv: ['filter', '--where', `category = "${CATEGORY}"`],
    datumaro: [CATEGORY],
    check: (found, { person }) => expectContent(found, person),
  },
  {
    name: 'split, 80/10/10',
    phase: 'split',
    dsv: [
      'split',
      '--seed',
      '1',
      ...Object.entries(SHARES).flatMap(([name, share]) => ['--ratio', `${name}=${share}`]),
    ],
    datumaro: Object.entries(SHARES).map(([name, share]) => `${name}:${share}`),
    check: (found, { all }) => expectContent(found, all) ?? expectShares(found),
  },
]

/** Returns what the source holds, and what a filter has to leave of it. */
export function stepContents(folder) {
  return { all: contentOf(folder), person: contentOf(folder, CATEGORY) }
}

/**
 * Measures the steps of dsv on the dataset `data`: from the stored version into a folder of files, as a peer does,
 * and in place, where the result is staged, stored and written to the working tree. The latter is taken back.
 *
 * @param imported - What it cost to read the files into the repository
 */
export async function measureSteps(recorder, tool, { folder, contents, imported, isBack }) {
  for (const { name, dsv, check } of STEPS) {
    const target = path.join(folder, '..', 'transformed')
    rmSync(target, { recursive: true, force: true })
    const cost = await recorder.measure(
      tool,
      written(name),
      () => tool.transform(folder, dsv, target),
      () => check(contentOf(target), contents),
    )
    rmSync(target, { recursive: true, force: true })
    if (cost !== undefined) noteBoth(recorder, tool, name, [imported.wallSeconds, cost.wallSeconds])
    const staged = await recorder.measure(
      tool,
      `${name}: staged`,
      () => tool.transform(folder, dsv),
      () => check(contentOf(path.join(folder, 'data')), contents),
    )
    if (staged !== undefined)
      await recorder.measure(tool, 'undo a step', () => tool.undo(folder), isBack)
  }
}

/**
 * Measures Datumaro. The step and the files it writes count; reading its input is a row of its own, as it is
 * for dsv.
 *
 * @param run - Runs the script and returns the cost of the phases that are named
 */
export async function measureStepsOfDatumaro(recorder, tool, { run, base, folder, contents }) {
  for (const { name, phase, datumaro, check } of STEPS) {
    const target = path.join(folder, phase)
    const words = [phase, base, 'coco', 'coco_instances', target, ...datumaro]
    const cost = await run(written(name), [phase, 'export'], words, () =>
      check(contentOf(target), contents),
    )
    rmSync(target, { recursive: true, force: true })
    if (cost !== undefined)
      noteBoth(recorder, tool, name, [cost.phases.import, cost.phases[phase], cost.phases.export])
  }
}

function written(name) {
  return `${name}: written as COCO`
}

/** Whoever starts from a file has to read it first. */
function noteBoth(recorder, tool, name, parts) {
  const wallSeconds = parts.reduce((sum, part) => sum + part, 0)
  recorder.note(tool, `${name}: import, and written as COCO`, { wallSeconds, parts })
}

/** Reads COCO files in a process of its own, whose memory is then given back. */
function contentOf(folder, ...category) {
  const words = ['--max-old-space-size=12000', CONTENT, folder, ...category]
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr.trim().split('\n').slice(-2).join(' '))
  return JSON.parse(stdout)
}

function expectContent(found, expected) {
  for (const figure of ['images', 'annotations', 'digest']) {
    const problem = expectEqual(figure, found[figure], expected[figure])
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Tools round differently: a subset may have one image more or less. */
function expectShares({ subsets, images }) {
  const names = Object.keys(SHARES).toSorted().join()
  const problem = expectEqual('subsets', Object.keys(subsets).toSorted().join(), names)
  if (problem !== undefined) return problem
  const wrong = Object.entries(SHARES).find(
    ([name, share]) => Math.abs(subsets[name] - share * images) > 1,
  )
  return wrong && `${wrong[0]} has ${subsets[wrong[0]]} of ${images} images`
}
