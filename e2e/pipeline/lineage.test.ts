import { expect, jest, test } from '@jest/globals'
import { openSandbox } from '../sandbox.ts'

// Each command is a process, and there are many.
jest.setTimeout(120_000)

test('branches that ran different stages merge, and what was made tells where it came from', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write(
    'dvc.yaml',
    'stages:\n' +
      '  a: {cmd: cp a.in a.out, deps: [a.in], params: [rate], outs: [a.out]}\n' +
      '  b: {cmd: cp b.in b.out, deps: [b.in], outs: [b.out]}\n' +
      '  c: {cmd: cat a.out b.out > c.out, deps: [a.out, b.out], outs: [c.out]}\n',
  )
  sandbox.write('params.yaml', 'rate: 0.5\n')
  for (const name of ['a', 'b']) sandbox.write(`${name}.in`, `${name}1\n`)
  await sandbox.dsv('run', 'a', 'b')
  await sandbox.dsv('add', '.')
  await sandbox.dsv('commit', '-m', 'first')

  await sandbox.dsv('switch', '-c', 'other')
  sandbox.write('b.in', 'b2\n')
  await sandbox.dsv('run', 'b')
  await sandbox.dsv('commit', '-am', 'b again')
  await sandbox.dsv('switch', 'main')
  sandbox.write('a.in', 'a2\n')
  await sandbox.dsv('run', 'a')
  await sandbox.dsv('commit', '-am', 'a again')
  await sandbox.dsv('merge', 'other')

  const { stages } = JSON.parse(await sandbox.dsv('run', '--dry-run', '--json'))
  expect(stages.filter((each: { reasons: unknown[] }) => each.reasons.length > 0)).toEqual([
    { stage: 'dvc.yaml:c', reasons: [{ kind: 'new' }], takesOver: false, end: null },
  ])
  await sandbox.dsv('run')
  expect(sandbox.read('c.out')).toBe('a2\nb2\n')

  await expect(sandbox.dsv('dag')).resolves.toBe(
    'dvc.yaml:a\ndvc.yaml:b\n  dvc.yaml:c (needs dvc.yaml:a, dvc.yaml:b)\n',
  )
  const why = await sandbox.dsv('why', 'c.out')
  expect(why).toContain('  made by dvc.yaml:c\n  $ cat a.out b.out > c.out\n')
  expect(why).toContain('with params.yaml: rate=0.5\n')
  expect(why).toContain('        a.in (')
  const { lineage } = JSON.parse(await sandbox.dsv('why', 'a.out', '--rev', 'other', '--json'))
  expect(lineage).toMatchObject([
    { path: 'a.out', stage: 'dvc.yaml:a', inputs: [{ path: 'a.in', inputs: [] }] },
  ])
})

test('a path that was never there is an error', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('in.txt', 'one\n')
  await expect(sandbox.dsv('why', 'in.txt')).resolves.toBe('in.txt\n  made by no stage\n')
  const { exitCode, stderr } = await sandbox.run(['why', 'on.txt'])
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('There is no on.txt')])
})

test('what was imported tells where it came from over there, too', async () => {
  using sandbox = openSandbox()
  for (const name of ['first', 'second']) await sandbox.run(['init', name])
  const first = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await sandbox.run(args, { cwd: 'work/first' })
    expect([args, exitCode, stderr]).toMatchObject([args, 0, expect.any(String)])
  }
  sandbox.write('first/in.txt', 'one\n')
  sandbox.write('first/other.txt', 'other\n')
  sandbox.write(
    'first/dsv.yaml',
    'stages:\n' +
      '  a: {cmd: cp in.txt a.out, deps: [in.txt], outs: [a.out]}\n' +
      '  b: {cmd: cp a.out b.out, deps: [a.out], outs: [b.out]}\n' +
      '  c: {cmd: cp other.txt c.out, deps: [other.txt], outs: [c.out]}\n',
  )
  await first('run')
  await first('add', '.')
  await first('commit', '-m', 'made')
  const second = { cwd: 'work/second' }
  await sandbox.run(['import', '../first', 'b.out'], second)
  await sandbox.run(['commit', '-m', 'imported'], second)
  const { stdout } = await sandbox.run(['why', 'b.out'], second)
  expect(stdout).toMatch(
    /imported from \S+first, b\.out at [0-9a-f]+\n {2}over there:\n {6}b\.out /,
  )
  expect(stdout).toMatch(/made by dsv\.yaml:b\n {8}\$ cp a\.out b\.out\n[^]* {14}in\.txt \(/)
  expect(stdout).not.toContain('c.out')

  const record = sandbox.read('second/.dsvimports')
  sandbox.write('second/.dsvimports', record.replace(/"stages": \{/, '"stages": [], "was": {'))
  await sandbox.run(['add', '.dsvimports'], second)
  const { stderr } = await sandbox.run(['why', 'b.out'], second)
  expect(stderr).toContain('.dsvimports cannot be read: imports.b.out.lineage.stages is no lock')
  sandbox.write('second/.dsvimports', record)
  await sandbox.run(['add', '.dsvimports'], second)

  await sandbox.run(['init', 'third'])
  const third = { cwd: 'work/third' }
  await sandbox.run(['import', '../second', 'b.out', '-o', 'mine.txt', '--rev', 'main'], third)
  const why = await sandbox.run(['why', 'mine.txt', '--json'], third)
  expect(JSON.parse(why.stdout).lineage).toMatchObject([
    {
      path: 'mine.txt',
      origin: {
        url: expect.stringMatching(/second$/),
        revision: 'main',
        inputs: [
          {
            path: 'b.out',
            origin: { url: expect.stringMatching(/first$/), inputs: [{ stage: 'dsv.yaml:b' }] },
          },
        ],
      },
    },
  ])
})
