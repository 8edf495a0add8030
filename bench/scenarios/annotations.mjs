// One large annotation file: import, export, comparison and merge, by meaning.
import { spawnSync } from 'node:child_process'
import { cpSync, linkSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { folderSize } from '../measure/folder-size.mjs'
import { runMeasured } from '../measure/run-measured.mjs'
import { listFiles } from '../measure/folder-digest.mjs'
import { copyFolder } from './floors.mjs'
import { expectEqual } from './recorder.mjs'
import { measureSteps, measureStepsOfDatumaro, stepContents } from './steps.mjs'
import { together } from './together.mjs'

const FILE = 'annotations/instances_train2017.json'
const DIGEST = fileURLToPath(new URL('../measure/coco-digest.mjs', import.meta.url))

const CONSENSUS = 'consensus of two annotators, 1,000 edits each'

/** Datumaro compares, merges and validates in time that grows with the square: an hour and more for all of COCO. */
const MOST_COMPARED = 100_000

/** Numbers of annotations to edit: `count` of them, spread evenly, never the same for two `offset`s. */
function spread(total, count, offset) {
  const step = Math.max(2, Math.floor(total / count))
  return new Set(Array.from({ length: count }, (_, n) => (n * step + offset) % total))
}

/** Makes the versions that are compared and merged: base, 100 edits, and two times 1,000. */
export function annotationVersions(shape, scale, source, scratch) {
  const total = shape.annotations(scale)
  const few = Math.min(100, Math.floor(total / 20))
  const many = Math.min(1000, Math.floor(total / 20))
  const edits = {
    few: spread(total, few, 0),
    ours: spread(total, many, 0),
    theirs: spread(total, many, 1),
  }
  edits.both = new Set([...edits.ours, ...edits.theirs])
  const versions = { base: { folder: source, edited: new Set() } }
  for (const [name, edited] of Object.entries(edits)) {
    const folder = path.join(scratch, name)
    rmSync(folder, { recursive: true, force: true })
    shape.editMany(folder, scale, edited)
    versions[name] = { folder, edited }
  }
  for (const version of Object.values(versions)) version.digest = cocoDigest(version.folder)
  versions.base.contents = stepContents(source)
  return versions
}

/** Reads a COCO file in a process of its own, whose memory is then given back. */
function cocoDigest(folder) {
  const words = ['--max-old-space-size=12000', DIGEST, path.join(folder, FILE)]
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr.trim().split('\n').slice(-2).join(' '))
  return stdout.trim()
}

/** Measures dsv in a fresh repository below `folder`. */
export async function measureAnnotations(recorder, tool, { shape, scale, folder, versions }) {
  const data = path.join(folder, 'data')
  const measure = (operation, work, check) => recorder.measure(tool, operation, work, check)
  const dataIs = (version) => () =>
    expectEqual('annotations on disk', cocoDigest(data), versions[version].digest)
  const put = (version) => cpSync(path.join(versions[version].folder, FILE), path.join(data, FILE))
  const addAndCommit = (message) => () =>
    together(
      () => tool.addAgain(folder),
      () => tool.commit(folder, message),
    )

  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFolder(versions.base.folder, data)
  await measure('init', () => tool.init(folder))
  const imported = await measure('import (add + commit)', () =>
    together(
      () => tool.add(folder, shape),
      () => tool.commit(folder, 'first'),
    ),
  )
  if (imported === undefined) return
  recorder.note(tool, 'store after the first commit', folderSize(path.join(folder, '.dsv')))
  await measure(
    'status, no change',
    () => tool.status(folder),
    (cost) => expectEqual('clean', tool.readStatus(cost).isClean, true),
  )
  await measure(
    'check',
    () => tool.check(folder),
    (cost) => expectEqual('annotations', tool.countChecked(cost), shape.annotations(scale)),
  )
  const isBase = (target) =>
    expectEqual('annotations exported', cocoDigest(target), versions.base.digest)
  await exportTo('coco', isBase, { name: 'export as coco, the files as they were' })
  // With a filter, even one that keeps everything, the files are written anew.
  await exportTo('coco', isBase, { subset: 'train2017' })
  // XML files alone, as Datumaro's `voc_detection` writes them; the usual layout has masks as well.
  await exportTo(
    'voc',
    (target) =>
      expectEqual(
        'number of XML files',
        listFiles(target).filter((file) => file.endsWith('.xml')).length,
        shape.images(scale),
      ),
    { variant: 'flat' },
  )

  await measure(
    'stats',
    () => tool.stats(folder),
    (cost) =>
      expectEqual('annotations counted', tool.countAnnotations(cost), shape.annotations(scale)),
  )

  const { contents } = versions.base
  await measureSteps(recorder, tool, { folder, contents, imported, isBack: dataIs('base') })

  put('few')
  await measure('import again, 100 annotations changed', addAndCommit('few'))
  await measure(
    'diff, 100 annotations changed',
    () => tool.diff(folder, 'main~1', 'main'),
    (cost) => expectEqual('annotations changed', tool.countChanged(cost), versions.few.edited.size),
  )
  await measure('switch, 100 annotations', () => tool.goTo(folder, 'main~1'), dataIs('base'))

  for (const side of ['ours', 'theirs']) {
    await measure('make a branch', () => tool.branch(folder, side, 'main~1'), dataIs('base'))
    put(side)
    await measure('import again, 1,000 annotations changed', addAndCommit(side))
  }
  await measure('merge, 1,000 edits on each side', () => tool.merge(folder, 'ours'), dataIs('both'))

  for (const side of ['ours', 'theirs'])
    cpSync(path.join(versions[side].folder, FILE), path.join(folder, side, FILE))
  await tool.addFolders(folder, ['ours', 'theirs'], shape)
  await measure(
    CONSENSUS,
    () => tool.consensus(folder, ['ours', 'theirs'], 'agreed'),
    (cost) =>
      expectEqual('annotations agreed on', tool.countAgreed(cost), shape.annotations(scale)),
  )

  async function exportTo(format, check, { name = `export as ${format}`, ...options } = {}) {
    const target = path.join(folder, '..', `exported-${format}`)
    rmSync(target, { recursive: true, force: true })
    await measure(
      name,
      () => tool.exportAs(folder, format, target, options),
      () => check(target),
    )
    rmSync(target, { recursive: true, force: true })
  }
}

/** Measures Datumaro on the same files. Only the phase that does the work counts, not its imports. */
export async function measureDatumaro(recorder, python, { shape, scale, folder, versions }) {
  const tool = { name: 'datumaro' }
  const script = fileURLToPath(new URL('../tools/datumaro-phases.py', import.meta.url))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const given = (name) => linkForDatumaro(versions[name].folder, path.join(folder, name))
  const base = given('base')
  const run = (operation, counted, words, check) =>
    recorder.measure(
      tool,
      operation,
      async () => {
        const cost = await runMeasured([python, script, ...words], { cwd: folder })
        if (cost.exitCode !== 0) return cost
        const { phases, result } = JSON.parse(cost.stdout.trim().split('\n').at(-1))
        const wallSeconds = counted.reduce((sum, phase) => sum + phases[phase], 0)
        return { ...cost, wallSeconds, processSeconds: cost.wallSeconds, phases, result }
      },
      check,
    )
  await run('import (add + commit)', ['import'], ['import', base, 'coco'], ({ result }) =>
    expectEqual('annotations', result.annotations, annotationsInDatumaro(shape, scale)),
  )
  await run('stats', ['stats'], ['stats', base, 'coco'], ({ result }) =>
    expectEqual('annotations', result.annotations, annotationsInDatumaro(shape, scale)),
  )
  for (const [name, format] of [
    ['coco', 'coco_instances'],
    ['voc', 'voc_detection'],
  ]) {
    const target = path.join(folder, name)
    await run(`export as ${name}`, ['export'], ['export', base, 'coco', format, target])
    rmSync(target, { recursive: true, force: true })
  }
  const { contents } = versions.base
  await measureStepsOfDatumaro(recorder, tool, { run, base, folder, contents })
  if (shape.annotations(scale) > MOST_COMPARED) return
  // Its validator copies all numbers that it has for each one that it adds.
  await run('check', ['validate'], ['validate', base, 'coco'])
  await run('diff, 100 annotations changed', ['compare'], ['compare', base, given('few'), 'coco'])
  const sides = ['merge', given('ours'), given('theirs'), 'coco']
  // It has no other merge of two edited versions than the one of annotators.
  await run('merge, 1,000 edits on each side', ['merge'], sides)
  await run(CONSENSUS, ['merge'], sides)
}

/** Datumaro refuses COCO without a folder of images; dsv would record that empty folder. */
function linkForDatumaro(from, to) {
  mkdirSync(path.join(to, 'annotations'), { recursive: true })
  mkdirSync(path.join(to, 'images'), { recursive: true })
  linkSync(path.join(from, FILE), path.join(to, FILE))
  return to
}

/** Datumaro reads one polygon as two annotations: itself and its box. */
function annotationsInDatumaro(shape, scale) {
  return shape.annotations(scale) * (shape.hasPolygons ? 2 : 1)
}
