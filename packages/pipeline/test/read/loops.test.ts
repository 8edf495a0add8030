import { describe, expect, it } from '@jest/globals'
import { commandsOf, failureOf, stagesOf } from './stages-of.ts'

async function expand(loop: string, cmd: string, params = ''): Promise<unknown> {
  return commandsOf({
    'params.yaml': params,
    'dvc.yaml': `stages: {s: {foreach: ${loop}, do: {cmd: "${cmd}"}}}`,
  })
}

describe('foreach', () => {
  it('makes a stage of each element of a list, named by its value', async () => {
    expect(await expand('[a, 2, 0.5, true, null]', 'run ${item}')).toEqual({
      's@a': ['run a'],
      's@2': ['run 2'],
      's@0.5': ['run 0.5'],
      's@true': ['run true'],
      's@None': ['run None'],
    })
  })

  it('makes a stage of each entry of a mapping', async () => {
    expect(await expand('{day: 1, 2: x, true: y}', 'run ${key} ${item}')).toEqual({
      's@day': ['run day 1'],
      's@2': ['run 2 x'],
      's@true': ['run true y'],
    })
  })

  it('names stages by index where one element is no scalar', async () => {
    const expected = { 's@0': ['run 1'], 's@1': ['run 2'] }
    expect(await expand('[{v: 1}, {v: 2}]', 'run ${item.v}')).toEqual(expected)
    expect(await expand('[{v: 1}, {v: 2}]', 'run ${item[v]}')).toEqual(expected)
    expect(await expand('[[1], {0: 2}]', 'run ${item[0]}')).toEqual(expected)
    expect(
      await expand('"${deep.list}"', 'run ${item.v}', 'deep: {list: [{v: 1}, {v: 2}]}'),
    ).toEqual(expected)
  })

  it('goes over values from files, also those that several files make up', async () => {
    const files = {
      'params.yaml': 'm: {a: {x: 1}, b: {x: 2}}',
      'more.yaml': 'm: {a: {y: 3}, b: {y: 4}}',
      'dvc.yaml':
        'vars: [more.yaml]\nstages: {s: {foreach: "${m}", do: {cmd: "${key} ${item.x} ${item.y}"}}}',
    }
    expect(await commandsOf(files)).toEqual({ 's@a': ['a 1 3'], 's@b': ['b 2 4'] })
  })

  it('takes single values from files', async () => {
    const params = 'v: w\nflag: true'
    expect(await expand('{a: "${v}", b: x}', '${item}', params)).toEqual({
      's@a': ['w'],
      's@b': ['x'],
    })
    // Names are as DVC makes them, which leaves booleans from files to Python.
    expect(await expand('["${flag}", false]', '${item}', params)).toEqual({
      's@True': ['true'],
      's@false': ['false'],
    })
  })

  it('gives its names to the folder and the variables of a stage', async () => {
    const files = {
      'in-a/v.yaml': 'n: 1',
      'in-b/v.yaml': 'n: 2',
      'dvc.yaml': `
stages:
  s:
    foreach: [a, b]
    do: {wdir: "in-\${item}", vars: [v.yaml], cmd: "\${item} \${n}", outs: [o]}
`,
    }
    const stages = await stagesOf(files)
    expect(stages).toMatchObject({
      's@a': { action: { lines: ['a 1'], folder: 'in-a' }, outputs: [{ path: 'in-a/o' }] },
      's@b': { action: { lines: ['b 2'], folder: 'in-b' }, outputs: [{ path: 'in-b/o' }] },
    })
  })

  it('hides variables of the same names', async () => {
    const params = 'item: global\nkey: k'
    expect(await expand('{a: 1}', '${item} ${key}', params)).toEqual({ 's@a': ['1 a'] })
    expect(await expand('[b]', '${item} ${key}', params)).toEqual({ 's@b': ['b k'] })
  })

  it.each([
    ['foreach: "${p}", do: {cmd: x}', 'stages.s.foreach is a text, not a list or a mapping'],
    ['foreach: words, do: {cmd: x}', 'stages.s.foreach is a text, not a list or a mapping'],
    ['foreach: "${gone}", do: {cmd: x}', 'stages.s.foreach has ${gone}'],
    ['foreach: "${p.[q}", do: {cmd: x}', 'stages.s.foreach has ${p.[q}'],
    ['foreach: [a]', 'stages.s has no `do`'],
    ['do: {cmd: x}', 'stages.s has no `foreach`'],
    ['foreach: [a], do: {cmd: x}, cmd: y', 'stages.s.cmd is unknown'],
    ['foreach: [a], do: {deps: [x]}', 'stages.s.do has no `cmd`'],
    ['foreach: [a], do: {cmd: "${key}"}', 'stages.s.do.cmd has ${key}'],
    ['foreach: [{v: 1}, {}], do: {cmd: "${item.v}"}', 'stages.s.do.cmd has ${item.v}'],
    ['foreach: [a], do: {cmd: x, wdir: "${ite}"}', 'stages.s.do.wdir has ${ite}'],
    ['foreach: [a], do: {cmd: x, vars: [{item: 1}]}', 'defines item, which the loop defines'],
    ['foreach: {a: 1}, do: {cmd: x, vars: [{key: 1}]}', 'defines key, which the loop defines'],
    ['foreach: [a], do: {cmd: x, matrix: {a: [1]}}', 'stages.s.do.matrix cannot stand within'],
    ['matrix: [a], cmd: x', 'stages.s.matrix is a list, not a mapping'],
    ['matrix: {a: 1}, cmd: x', 'stages.s.matrix.a is a number, not a list'],
    ['matrix: {a: "${p}"}, cmd: x', 'stages.s.matrix.a is a text, not a list'],
  ])('refuses {%s}', async (definition, problem) => {
    const files = { 'params.yaml': 'p: v', 'dvc.yaml': `stages: {s: {${definition}}}` }
    const failure = await failureOf(files)
    expect(failure).toMatchObject({ code: 'DSV_PIPELINE_INVALID' })
    expect(failure.message).toContain(problem)
  })
})

describe('matrix', () => {
  const params = 'os: [mac, win]\nsize: [1, 2.0]\nnet: [{w: 1}, {w: 2}]\npair: [[a, b], [c, d]]'

  it.each([
    [
      'written out',
      '{os: [mac, win], size: [1, 2.0], net: [{w: 1}, {w: 2}], pair: [[a, b], [c, d]]}',
    ],
    ['from a file', '{os: "${os}", size: "${size}", net: "${net}", pair: "${pair}"}'],
  ])('makes a stage of each combination, %s', async (_, matrix) => {
    const commands = await commandsOf({
      'params.yaml': params,
      'dvc.yaml': `stages: {s: {matrix: ${matrix}, cmd: "\${key}: \${item.os} \${item.size} \${item.net} \${item.pair[1]}"}}`,
    })
    const expected = ['mac', 'win'].flatMap((os) =>
      ['1', '2.0'].flatMap((size) =>
        [1, 2].flatMap((w) =>
          ['b', 'd'].map((letter, index) => {
            const key = `${os}-${size}-net${w - 1}-pair${index}`
            return [`s@${key}`, [`${key}: ${os} ${size} --w ${w} ${letter}`]] as const
          }),
        ),
      ),
    )
    expect(Object.entries(commands)).toEqual(expected)
  })

  it('makes no stage where one of its lists is empty', async () => {
    expect(
      await commandsOf({ 'dvc.yaml': 'stages: {s: {matrix: {a: [1], b: []}, cmd: x}}' }),
    ).toEqual({})
  })
})
