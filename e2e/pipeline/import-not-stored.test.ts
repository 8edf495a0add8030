import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { md5, writeRegistry } from '../../packages/remote/test/dvc/write-registry.ts'
import { openSandbox, type Sandbox } from '../sandbox.ts'

const STAGES = `
stages:
  upper:
    cmd: mkdir -p big && tr a-z A-Z < in.txt > big/out.txt
    deps: [in.txt]
    outs: [{big: {cache: false}}]
  twice:
    cmd: cat big/out.txt big/out.txt > twice.txt
    deps: [big]
    outs: [{twice.txt: {cache: false}}]
`

/** Runs commands in the registry, which lies beside the working folder. */
async function registry(sandbox: Sandbox, ...argv: readonly string[]): Promise<string> {
  mkdirSync(path.join(sandbox.folder, 'registry'), { recursive: true })
  const { exitCode, stdout, stderr } = await sandbox.run(argv, { cwd: 'registry' })
  if (exitCode !== 0) throw new Error(`dsv ${argv.join(' ')}: ${stderr}`)
  return stdout
}

async function openBoth(pipeline: string): Promise<Sandbox> {
  const sandbox = openSandbox()
  await registry(sandbox, 'init')
  sandbox.write('../registry/in.txt', 'a word\n')
  sandbox.write('../registry/dsv.yaml', pipeline)
  await registry(sandbox, 'add', '.')
  await registry(sandbox, 'run')
  await registry(sandbox, 'commit', '-m', 'first')
  await sandbox.dsv('init')
  return sandbox
}

test('a command of a registry is shown, and runs only when that is allowed', async () => {
  using sandbox = await openBoth(STAGES)
  const { exitCode, stderr } = await sandbox.run(['import', '../registry', 'big'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('big is not stored there; it is made by "mkdir -p big && tr a-z A-Z')
  expect(sandbox.has('big')).toBe(false)

  const run = await sandbox.run(['import', '../registry', 'big', '--allow-run'])
  expect(run.stderr).toContain('tr a-z A-Z < in.txt > big/out.txt\n')
  expect(run.stdout).toContain('Imported big: 1 file')
  expect(sandbox.read('big/out.txt')).toBe('A WORD\n')
  const [imported] = JSON.parse(await sandbox.dsv('imports', '--json'))
  expect(imported).toMatchObject({ path: 'big', from: 'big', madeBy: 'dsv.yaml:upper' })
})

test('what is needed and not stored either is made first; a part of an output can be had', async () => {
  using sandbox = await openBoth(STAGES)
  await sandbox.dsv('import', '../registry', 'twice.txt', '--allow-run')
  expect(sandbox.read('twice.txt')).toBe('A WORD\nA WORD\n')
  expect(sandbox.has('big')).toBe(false)
  await sandbox.dsv('import', '../registry', 'big/out.txt', '-o', 'one.txt', '--allow-run')
  expect(sandbox.read('one.txt')).toBe('A WORD\n')
})

test('an update makes the new version, and keeps what was edited here', async () => {
  using sandbox = await openBoth(STAGES)
  await sandbox.dsv('import', '../registry', 'big', '--allow-run')
  await sandbox.dsv('commit', '-m', 'import')
  sandbox.write('../registry/in.txt', 'more words\n')
  await registry(sandbox, 'run')
  await registry(sandbox, 'commit', '-am', 'second')
  sandbox.write('big/mine.txt', 'mine\n')
  await sandbox.dsv('add', 'big')
  await sandbox.dsv('commit', '-m', 'mine')
  await expect(sandbox.dsv('update', '--allow-run')).resolves.toContain('big is at')
  expect(sandbox.read('big/out.txt')).toBe('MORE WORDS\n')
  expect(sandbox.read('big/mine.txt')).toBe('mine\n')
})

test('what came out differently is refused, unless it is accepted', async () => {
  const stages = 'stages: {a: {cmd: echo $SALT > out.txt, outs: [{out.txt: {cache: false}}]}}'
  using sandbox = await openBoth(stages)
  const environment = { env: { SALT: 'other' } }
  const argv = ['import', '../registry', 'out.txt', '--allow-run']
  const { exitCode, stderr } = await sandbox.run(argv, environment)
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/out.txt came out as blob:\w+ here; recorded is blob:\w+/)
  expect(sandbox.has('out.txt')).toBe(false)
  await sandbox.run([...argv, '--accept-different'], environment)
  expect(sandbox.read('out.txt')).toBe('other\n')
})

test('a step of dsv runs at once', async () => {
  const stages = `
stages:
  big: {step: reindex, from: street, into: numbered, format: coco, stored: false}
`
  using sandbox = openSandbox()
  await registry(sandbox, 'init')
  const xml =
    '<annotation><filename>a.png</filename><size><width>9</width><height>9</height><depth>3</depth></size></annotation>'
  sandbox.write('../registry/street/Annotations/a.xml', xml)
  sandbox.write('../registry/dsv.yaml', stages)
  await registry(sandbox, 'add', 'street', '--format', 'voc')
  await registry(sandbox, 'add', '.')
  await registry(sandbox, 'run')
  await registry(sandbox, 'commit', '-m', 'first')
  await sandbox.dsv('init')
  const { stderr } = await sandbox.run(['import', '../registry', 'numbered'])
  expect(stderr).toContain('dsv.yaml:big is not stored there and runs here')
  expect(sandbox.has('numbered/annotations')).toBe(true)
})

test('a registry of DVC is compared by the MD5 that it recorded', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  const dvc = writeRegistry(path.join(sandbox.folder, 'dvc-registry'))
  const pipeline = STAGES.trimStart()
  const listing = `[{"md5": "${md5('A WORD\n')}", "relpath": "out.txt"}]`
  const lock = (hash: string): string => `schema: '2.0'
stages:
  upper:
    cmd: mkdir -p big && tr a-z A-Z < in.txt > big/out.txt
    outs:
    - {path: big, hash: md5, md5: ${hash}, size: 7, nfiles: 1}
`
  await dvc.commit({
    'in.txt': 'a word\n',
    'dvc.yaml': pipeline,
    'dvc.lock': lock(`${md5(listing)}.dir`),
  })
  const argv = ['import', dvc.folder, 'big', '--allow-run']
  await sandbox.dsv(...argv)
  expect(sandbox.read('big/out.txt')).toBe('A WORD\n')

  await dvc.commit({
    'in.txt': 'a word\n',
    'dvc.yaml': pipeline,
    'dvc.lock': lock(`${md5('x')}.dir`),
  })
  const other = await sandbox.run([...argv, '-o', 'again'])
  expect(other.exitCode).toBe(1)
  expect(other.stderr).toContain(`recorded is ${md5('x')}.dir`)
})
