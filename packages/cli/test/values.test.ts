import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'

const PIPELINE = `stages:
  train:
    cmd: python train.py
    params: [lr]
    metrics: [{m.json: {cache: false}}]
    plots: [{roc.csv: {x: fpr, y: tpr}}, curves]
`

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = openSandbox()
  const { dsv, write } = sandbox
  await dsv('init')
  await dsv('config', 'user.name', 'Ada')
  write('dvc.yaml', PIPELINE)
  write('params.yaml', 'lr: 0.1\nname: "a|b"\n')
  write('m.json', '{"acc": 0.5, "by": {"car": 2}}\n')
  write('roc.csv', 'fpr,tpr\n0,0\n1,1\n')
  write('curves/a.csv', 'v\n5\n')
  await dsv('add', '.')
  await dsv('commit', '-m', 'one')
  await dsv('tag', 'v1')
  write('params.yaml', 'lr: 0.0123456\nnew: [1]\n')
  write('m.json', '{"acc": 0.75, "by": {"car": 2}}\n')
})

afterEach(() => {
  sandbox.close()
})

describe('dsv stages', () => {
  it('lists stages with their values filled in, of the files on disk or of a version', async () => {
    const { dsv, json, write } = sandbox
    write(
      'sub/dsv.yaml',
      `vars: [{where: x = 1}]
stages:
  few: {step: filter, from: a, into: b, with: {where: "\${where}"}}
  each: {foreach: [1, 2], do: {cmd: ["run \${item}", more], desc: Part \${item}}}
`.replace('desc: Part ${item}', 'desc: "Part ${item}"'),
    )
    expect((await dsv('stages')).out).toBe(
      [
        'dvc.yaml:train       python train.py',
        'sub/dsv.yaml:few     filter of sub/a',
        'sub/dsv.yaml:each@1  Part 1',
        'sub/dsv.yaml:each@2  Part 2',
        '',
      ].join('\n'),
    )
    expect(await json('stages', 'v1')).toMatchObject([
      { name: 'train', action: { lines: ['python train.py'] }, parameters: [{ keys: ['lr'] }] },
    ])
    expect(await dsv('stages', 'gone')).toMatchObject({ exitCode: 1, out: '' })
  })
})

describe('dsv params', () => {
  it('compares the last commit with the files on disk', async () => {
    const { out, exitCode } = await sandbox.dsv('params', 'diff')
    expect(exitCode).toBe(0)
    expect(out).toBe(
      [
        'file         key   HEAD  working tree  change',
        'params.yaml  lr    0.1   0.012346      -0.087654',
        'params.yaml  new   -     [1]',
        'params.yaml  name  a|b   -',
        '',
      ].join('\n'),
    )
  })

  it('compares two versions, as JSON and as a table in Markdown', async () => {
    const { dsv, json } = sandbox
    await dsv('commit', '-am', 'two')
    expect(await json('params', 'diff', 'v1', 'HEAD')).toEqual([
      {
        file: 'params.yaml',
        key: 'lr',
        before: 0.1,
        after: 0.0123456,
        difference: expect.closeTo(-0.0876544),
      },
      { file: 'params.yaml', key: 'new', after: [1] },
      { file: 'params.yaml', key: 'name', before: 'a|b' },
    ])
    expect((await dsv('params', 'diff', 'v1..HEAD', '--md', '--precision', '2')).out).toBe(
      [
        '| file | key | v1 | HEAD | change |',
        '| --- | --- | --- | --- | --- |',
        '| params.yaml | lr | 0.1 | 0.012 | -0.088 |',
        String.raw`| params.yaml | new | - | \[1\] |  |`,
        String.raw`| params.yaml | name | a\|b | - |  |`,
        '',
      ].join('\n'),
    )
    expect((await dsv('params', 'diff')).out).toBe('No params changed.\n')
  })

  it('shows only what stages use when told', async () => {
    expect((await sandbox.dsv('params', 'show', '--used')).out).toBe(
      'file         key  working tree\nparams.yaml  lr   0.012346\n',
    )
  })

  it('says what makes no sense', async () => {
    const { dsv } = sandbox
    expect(await dsv('params', 'dif')).toMatchObject({
      exitCode: 2,
      note: expect.stringContaining('no action "dif"'),
    })
    expect(await dsv('params', 'diff', '--precision', '0')).toMatchObject({ exitCode: 2 })
    expect(await dsv('params', 'diff', 'nowhere')).toMatchObject({
      exitCode: 1,
      out: '',
      note: expect.stringContaining('DSV_REVISION_UNKNOWN'),
    })
    sandbox.write('dvc.yaml', 'stages:\n  train:\n    cmd: x\n    parms: [a]\n')
    expect(await dsv('params', 'diff')).toMatchObject({
      exitCode: 1,
      note: expect.stringMatching(
        /^error: dvc\.yaml, line 4: stages\.train\.parms is unknown\.\n {2}hint: Is `params` meant\?/,
      ),
    })
  })
})

describe('dsv metrics', () => {
  it('says in which version a pipeline file is wrong', async () => {
    const { dsv, write } = sandbox
    write('dvc.yaml', 'stages: []')
    await dsv('commit', '-am', 'wrong')
    write('dvc.yaml', PIPELINE)
    expect((await dsv('metrics', 'diff')).note).toMatch(
      /^In HEAD:\nerror: dvc\.yaml, line 1: stages is a list, not a mapping\./,
    )
  })

  it('shows versions side by side, and what is missing', async () => {
    const { dsv, remove } = sandbox
    expect((await dsv('metrics', 'show', 'v1')).out).toBe(
      'file    key     v1\nm.json  acc     0.5\nm.json  by.car  2\n',
    )
    remove('m.json')
    expect(await dsv('metrics', 'show')).toMatchObject({
      out: '',
      note: 'working tree: m.json is not there.\nThere are no metrics.\n',
    })
  })

  it('compares, with equal values when told, and of some files', async () => {
    const { dsv, write } = sandbox
    expect((await dsv('metrics', 'diff', '--all')).out).toBe(
      [
        'file    key     HEAD  working tree  change',
        'm.json  acc     0.5   0.75          +0.25',
        'm.json  by.car  2     2             0',
        '',
      ].join('\n'),
    )
    expect((await dsv('metrics', 'diff', 'v1', '--json', '--', 'other')).out).toBe('[]\n')
    write('m.json', '{"acc": ')
    const { out, note } = await dsv('metrics', 'diff')
    expect(out).toContain('m.json  acc     0.5   -')
    expect(note).toBe('working tree: m.json, line 1: is no valid JSON.\n')
  })
})

describe('dsv plots', () => {
  it('draws two versions into one plot of a page, and writes over no other file', async () => {
    const { dsv, json, read, write } = sandbox
    write('roc.csv', 'fpr,tpr\n0,0\n0.5,0.9\n1,1\n')
    expect((await dsv('plots', 'diff', 'v1')).out).toBe('Wrote 2 plots to plots.html\n')
    const page = read('plots.html')
    expect(page).toContain('v1, working tree')
    expect(page.match(/class="line/g)).toHaveLength(2)
    expect((await dsv('plots', 'show', '--', 'roc.csv')).out).toBe('Wrote 1 plot to plots.html\n')
    expect(await dsv('plots', 'show', '--html', 'm.json')).toMatchObject({ exitCode: 2 })
    expect(read('m.json')).toContain('0.75')
    expect(await json('plots', 'show', 'HEAD')).toEqual([
      {
        name: 'roc.csv',
        series: [
          {
            name: 'tpr',
            xColumn: 'fpr',
            yColumn: 'tpr',
            points: [
              [0, 0],
              [1, 1],
            ],
          },
        ],
        images: [],
      },
      {
        name: 'curves/a.csv',
        series: [{ name: 'v', yColumn: 'v', points: [[0, 5]] }],
        images: [],
      },
    ])
  })

  it('says where there are none', async () => {
    const { dsv, write } = sandbox
    write('dvc.yaml', '')
    expect(await dsv('plots', 'show')).toMatchObject({ out: '', note: 'There are no plots.\n' })
  })
})
