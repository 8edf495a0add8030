import { expect, test } from '@jest/globals'
import { encodePng } from '../../packages/formats/src/media/png.ts'
import { zipOf } from '../../examples/05-pipelines/zip.mjs'
import { openSandbox, type Sandbox } from '../sandbox.ts'

/** Each test is something that the scripts of the workflow before got wrong. */
const STAGES = `
stages:
  labels:
    from: data/movie 1; x/export.zip
    steps:
      - project-categories: {names: '\${annotations.valid-labels}'}
      - filter: {where: count() > 0}
    into: labels
  counts: {step: count-categories, from: labels, into: counts.json}
  figures: {step: statistics, from: labels, into: figures.json}
  training: {step: compose, from: [labels], into: training, stored: false}
`

function xmlOf(id: string, ...objects: readonly string[]): string {
  const box = '<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox>'
  const size = '<size><width>4</width><height>4</height><depth>3</depth></size>'
  const all = objects.map((inner) => `<object>${inner}${box}</object>`)
  return `<annotation><filename>${id}.png</filename>${size}${all.join('')}</annotation>`
}

function image(shade: number): Uint8Array {
  const data = new Uint8Array(48).fill(shade)
  return encodePng({ width: 4, height: 4, bitDepth: 8, colorType: 2, data })
}

async function openSeed(labels: string): Promise<Sandbox> {
  const sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('dsv.yaml', STAGES)
  sandbox.write('params.yaml', `annotations: {valid-labels: ${labels}}\n`)
  const zip = zipOf([
    ['Annotations/a.xml', xmlOf('a', '<name>Car</name><occluded>1</occluded>', '<name>Dog</name>')],
    ['Annotations/b.xml', xmlOf('b', '<name>Car</name>', '<name>Car/Van</name>')],
    ['Annotations/c.xml', xmlOf('c', '<name>Dog</name>')],
    ['JPEGImages/a.png', image(10)],
    ['JPEGImages/b.png', image(20)],
    ['JPEGImages/c.png', image(30)],
  ])
  sandbox.write('data/movie 1; x/export.zip', zip)
  return sandbox
}

test('running twice keeps the annotations', async () => {
  using sandbox = await openSeed('[Car]')
  await sandbox.dsv('run')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  await expect(sandbox.dsv('run', '--force')).resolves.toContain('4 ran')
  await expect(sandbox.dsv('ls', 'labels')).resolves.toBe(
    'default/a  1 annotation\ndefault/b  1 annotation\n',
  )
})

test('other labels are noticed, and the old ones stay until the new ones are there', async () => {
  using sandbox = await openSeed('[Car]')
  await sandbox.dsv('run')
  sandbox.write('params.yaml', 'annotations: {valid-labels: [Dog]}\n')
  await expect(sandbox.dsv('status')).resolves.toContain('dsv.yaml:labels: option names changed')
  sandbox.write('data/movie 1; x/export.zip', 'damaged')
  expect((await sandbox.run(['run'])).exitCode).toBe(1)
  await expect(sandbox.dsv('ls', 'labels')).resolves.toContain('default/b')
})

test('an occluded object stays occluded', async () => {
  using sandbox = await openSeed('[Car]')
  await sandbox.dsv('run')
  await expect(sandbox.dsv('ls', 'labels', '--where', 'occluded = true')).resolves.toBe(
    'default/a  1 annotation\n',
  )
})

test('images are really copied', async () => {
  using sandbox = await openSeed('[Car]')
  await sandbox.dsv('run')
  expect(sandbox.has('training/JPEGImages/a.png')).toBe(true)
  expect(sandbox.has('training/JPEGImages/c.png')).toBe(false)
})

test('a label with a slash, and a folder with a blank and a semicolon, are names like others', async () => {
  using sandbox = await openSeed("['Car/Van']")
  await sandbox.dsv('run')
  expect(sandbox.read('counts.json')).toBe('{"Car/Van": 1}')
})

test('objects and images are counted, and what was dropped is said', async () => {
  using sandbox = await openSeed('[Car]')
  const { stderr } = await sandbox.run(['run'])
  expect(stderr).toMatch(/dsv\.yaml:labels: .*category deleted \(.*Dog/)
  expect(sandbox.read('counts.json')).toBe('{"Car": 2}')
  expect(JSON.parse(sandbox.read('figures.json'))).toMatchObject({
    items: { count: 2 },
    annotations: { count: 2 },
  })
})
