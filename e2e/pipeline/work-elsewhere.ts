import { existsSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { expect } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

/** Four stages: two built-in steps, and two commands. */
const PIPELINE = `
stages:
  cats:
    from: raw
    steps:
      - filter: {where: "category = 'cat'"}
    into: cats
  two:
    from: cats
    steps:
      - remap-categories: {to: {cat: animal}}
    into: two
  count:
    cmd: grep -c animal two/annotations/*.json > count.txt; echo counted
    deps: [two]
    outs: [count.txt]
  copy:
    cmd: cp -r two/annotations copy
    deps: [two]
    outs: [copy]
`

/** Returns a repository with a pipeline that has not run, and an empty remote beside it. */
export async function openWork(pipeline: string = PIPELINE): Promise<Sandbox> {
  const sandbox = openSandbox()
  sandbox.write('dsv.yaml', pipeline)
  const ids = [1, 2, 3, 4, 5, 6, 7]
  sandbox.write(
    'raw/annotations/instances_train.json',
    JSON.stringify({
      images: ids.map((id) => ({ id, file_name: `${id}.png`, width: 40, height: 30 })),
      annotations: ids.map((id) => {
        const bbox = [id, 2, 8, 6]
        return { id, image_id: id, category_id: 1 + (id % 2), bbox, area: 48, iscrowd: 0 }
      }),
      categories: [
        { id: 1, name: 'cat' },
        { id: 2, name: 'dog' },
      ],
    }),
  )
  for (const id of ids) sandbox.write(`raw/images/${id}.png`, `picture ${id}`)
  await sandbox.dsv('init')
  await sandbox.dsv('add', '.')
  await sandbox.dsv('commit', '-m', 'first')
  await sandbox.run(['init', 'remote'], { cwd: '.' })
  await sandbox.dsv('remote', 'add', 'origin', '../remote')
  return sandbox
}

/** Commits everything and returns the id. */
export async function committed(sandbox: Sandbox): Promise<string> {
  await sandbox.dsv('add', '.')
  await sandbox.dsv('commit', '-m', 'second')
  return sandbox.dsv('log', '--oneline', '-n', '1')
}

/** Returns the id of a commit that holds what the pipeline makes on this machine, in one process. */
export async function idOfPlainRun(): Promise<string> {
  using sandbox = await openWork()
  await sandbox.dsv('run')
  // The sandbox has to last until then.
  const id = await committed(sandbox)
  return id
}

/** Checks that a run has left nothing in the remote but what it may. */
export async function expectClean(sandbox: Sandbox): Promise<void> {
  const remote = readFileSync(sandbox.at('../remote/.dsv/root')).toString('latin1')
  expect(remote).not.toMatch(/refs\/dsv\/(?:work|made)/)
  await expect(sandbox.dsv('fsck')).resolves.toBe('The repository is whole.\n')
}

/** Returns a pipeline of one command. */
export function onlyStage(command: string): string {
  return `stages: {only: {cmd: '${command}', deps: [raw], outs: [out.txt]}}\n`
}

/**
 * Kills the first worker in the middle of its only stage, and checks that the stage is made all the same. The first
 * worker tells who it is and waits; those after it go on.
 *
 * @returns what the run printed
 */
export async function killOneWorker(
  runElsewhere: (sandbox: Sandbox) => Promise<string>,
): Promise<string> {
  using sandbox = await openWork(
    onlyStage(
      'if [ ! -e "$HOME/mark" ]; then echo $PPID > "$HOME/new"; mv "$HOME/new" "$HOME/mark"; ' +
        'sleep 20; fi; cat raw/annotations/*.json > out.txt',
    ),
  )
  const running = runElsewhere(sandbox)
  const mark = sandbox.at('../home/mark')
  while (!existsSync(mark)) await new Promise((resolve) => setTimeout(resolve, 50))
  process.kill(Number(readFileSync(mark, 'utf8')), 'SIGKILL')
  const said = await running
  expect(said).toMatch(/^0\nStages: 1 ran/)
  expect(sandbox.read('out.txt')).toBe(sandbox.read('raw/annotations/instances_train.json'))
  await expectClean(sandbox)
  return said
}
