import { expect, test } from '@jest/globals'
import { zipOf } from '../../examples/05-pipelines/zip.mjs'
import { openSandbox } from '../sandbox.ts'

const STAGES = `
stages:
  cars:
    step: filter
    from: export.zip
    into: cars
    with: {where: category = "car"}
  copy:
    step: reindex
    from: cars
    into: numbered
    format: coco
    stored: false
`

function xmlOf(id: string, ...categories: readonly string[]): string {
  const box = '<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>8</ymax></bndbox>'
  const objects = categories.map((name) => `<object><name>${name}</name>${box}</object>`)
  const size = '<size><width>20</width><height>10</height><depth>3</depth></size>'
  return `<annotation><filename>${id}.png</filename>${size}${objects.join('')}</annotation>`
}

test('a zip file is an input like a dataset, and what is not stored stays up to date', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('dsv.yaml', STAGES)
  const labels = (...inB: readonly string[]): Buffer =>
    zipOf([
      ['Annotations/a.xml', xmlOf('a', 'car', 'dog')],
      ['Annotations/b.xml', xmlOf('b', ...inB)],
    ])
  sandbox.write('export.zip', labels('dog'))
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 ran\n')
  await expect(sandbox.dsv('ls', 'cars')).resolves.toBe('default/a  1 annotation\n')
  expect(sandbox.has('numbered/annotations')).toBe(true)
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  await expect(sandbox.dsv('status')).resolves.not.toContain('out of date')

  sandbox.write('export.zip', labels('car'))
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 ran\n')
  await expect(sandbox.dsv('ls', 'cars', '--count')).resolves.toContain('2')
})

test('a file that holds no dataset is named', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('dsv.yaml', STAGES)
  sandbox.write('export.zip', 'no archive')
  const { exitCode, stderr } = await sandbox.run(['run', 'cars'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('export.zip')
  expect(sandbox.has('cars')).toBe(false)
})
