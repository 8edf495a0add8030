import { expect, test } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

const STAGES = `
stages:
  counts: {step: count-categories, from: street, into: counts.json}
  map: {step: labelmap, from: street, into: labelmap.txt, with: {where: category = "car"}}
  figures: {step: statistics, from: street, into: figures.json}
  score: {step: evaluate, from: street, into: score.json, with: {predictions: results_yolo}}
`

/** Two cars and a dog; one car was found where it is, the other somewhere else. */
async function openStreet(yaml: string): Promise<Sandbox> {
  const sandbox = openSandbox()
  await sandbox.dsv('init')
  const box = (id: number, category_id: number, bbox: readonly number[]): object => ({
    id,
    image_id: 1,
    category_id,
    bbox,
    area: (bbox[2] ?? 0) * (bbox[3] ?? 0),
    iscrowd: 0,
  })
  const truth = {
    images: [{ id: 1, file_name: 'a.png', width: 100, height: 100 }],
    categories: [
      { id: 1, name: 'dog' },
      { id: 2, name: 'car' },
    ],
    annotations: [box(1, 2, [0, 0, 10, 10]), box(2, 1, [50, 50, 9, 9]), box(3, 2, [20, 0, 10, 10])],
  }
  const found = [
    { image_id: 1, category_id: 2, bbox: [0, 0, 10, 10], score: 0.9 },
    { image_id: 1, category_id: 2, bbox: [70, 70, 10, 10], score: 0.8 },
  ]
  sandbox.write('street/annotations/instances_default.json', JSON.stringify(truth))
  sandbox.write('street/annotations/results_yolo.json', JSON.stringify(found))
  await sandbox.dsv('add', 'street', '--format', 'coco')
  sandbox.write('dsv.yaml', yaml)
  return sandbox
}

test('steps write what there is and how good predictions are as metrics', async () => {
  using sandbox = await openStreet(STAGES)
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 4 ran\n')
  expect(sandbox.read('counts.json')).toBe('{"car": 2, "dog": 1}')
  expect(sandbox.read('labelmap.txt')).toBe('car:0,0,0::')
  expect(JSON.parse(sandbox.read('figures.json'))).toMatchObject({ annotations: { count: 3 } })
  const score = JSON.parse(sandbox.read('score.json'))
  expect(score).toMatchObject({ task: 'boxes', items: 1 })
  // Half of the cars by one right box of two, and no dog: 51 of 101 recalls, and 0.
  expect(score.categories.car.AP50).toBeCloseTo(51 / 101, 12)
  expect(score.categories.dog.AP50).toBe(0)
  await expect(sandbox.dsv('metrics', 'show')).resolves.toMatch(/car +2\n/)
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
})

test('a layer that is not there is an error, not a score of nothing', async () => {
  using sandbox = await openStreet(STAGES.replace('results_yolo', 'yolo-v9'))
  const { exitCode, stderr } = await sandbox.run(['run', 'score'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('evaluate: `predictions` names no layer of street that has any')
})

test('a stage that checks a dataset fails where something is wrong, and says what', async () => {
  const outside =
    'stages: {good: {step: check, from: street, into: good.json, with: {skip: image-missing}}}'
  using sandbox = await openStreet(outside)
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 ran\n')
  const file = 'street/annotations/instances_default.json'
  sandbox.write(file, sandbox.read(file).replace('[50,50,9,9]', '[50,50,9,0]'))
  const before = sandbox.read('good.json')
  const { exitCode, stderr } = await sandbox.run(['run'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/street has \d+ findings?/)
  expect(sandbox.read('good.json')).toBe(before)
})

test('a stage corrects what a report of checks lists, and is stale when the report changes', async () => {
  using sandbox = await openStreet(
    'stages: {good: {step: correct, from: street, into: good, with: {findings: report.json}}}',
  )
  const file = 'street/annotations/instances_default.json'
  sandbox.write(file, sandbox.read(file).replace('[50,50,9,9]', '[50,50,9,0]'))
  await sandbox.dsv('add', 'street')
  const { stdout } = await sandbox.run(['check', 'street', '--json'])
  sandbox.write('report.json', stdout)
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 ran\n')
  await expect(sandbox.dsv('ls', 'street')).resolves.toBe('default/a  5 annotations\n')
  await expect(sandbox.dsv('ls', 'good')).resolves.toBe('default/a  4 annotations\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  sandbox.write('report.json', `${stdout} `)
  await expect(sandbox.dsv('status')).resolves.toContain('dsv.yaml:good: report.json changed')
})
