import { createHash } from 'node:crypto'
import { expect, jest, test } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

// Each command is a process, and there are many.
jest.setTimeout(120_000)

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

const PIPELINE = `
stages:
  split:
    wdir: work
    cmd: mkdir -p out && cp in.txt out/a.txt
    deps: [in.txt]
    params: [seed]
    outs: [out]
  count:
    cmd: wc -l < work/out/a.txt > n.txt
    deps: [work/out]
    metrics: [n.txt: {cache: false}]
`

/** What DVC leaves after `dvc repro`. */
function writeDvcRepository(sandbox: Sandbox): void {
  const [content, count] = ['one\r\ntwo\n', '2\n']
  const folder = md5(`[{"md5": "${md5(content)}", "relpath": "a.txt"}]`)
  sandbox.write('dvc.yaml', PIPELINE)
  sandbox.write('work/params.yaml', 'seed: 7\nother: 1\n')
  sandbox.write('work/in.txt', content)
  sandbox.write('work/out/a.txt', content)
  sandbox.write('n.txt', count)
  sandbox.write(
    'dvc.lock',
    `schema: '2.0'
stages:
  split:
    cmd: mkdir -p out && cp in.txt out/a.txt
    deps:
    - {path: in.txt, hash: md5, md5: ${md5(content)}, size: 9}
    params:
      params.yaml:
        seed: 7
    outs:
    - {path: out, hash: md5, md5: ${folder}.dir, size: 9, nfiles: 1}
  count:
    cmd: wc -l < work/out/a.txt > n.txt
    deps:
    - {path: work/out, hash: md5, md5: ${folder}.dir, size: 9, nfiles: 1}
    outs:
    - {path: n.txt, hash: md5, md5: ${md5(count)}, size: 2}
`,
  )
}

test('what DVC has run does not run again', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  writeDvcRepository(sandbox)
  await expect(sandbox.dsv('status')).resolves.not.toContain('out of date')
  const planned = await sandbox.dsv('run', '--dry-run')
  expect(planned).toBe('Stages: 2 would be taken over from DVC\n')
  expect(sandbox.has('dsv.lock')).toBe(false)
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 taken over from DVC\n')
  expect(sandbox.read('work/out/a.txt')).toBe('one\r\ntwo\n')
  expect(sandbox.read('dsv.lock')).toContain('dvc.yaml:split')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
})

test('what changed since DVC ran it, runs', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  writeDvcRepository(sandbox)
  sandbox.write('work/params.yaml', 'seed: 8\n')
  const { stderr } = await sandbox.run(['run', '--dry-run'])
  expect(stderr).toBe(
    'dvc.yaml:split: parameter seed of work/params.yaml changed\ndvc.yaml:count: needs dvc.yaml:split\n',
  )
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 ran, 1 taken over from DVC\n')
})
