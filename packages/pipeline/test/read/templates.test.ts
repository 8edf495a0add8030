import { describe, expect, it } from '@jest/globals'
import { commandsOf, failureOf, stagesOf } from './stages-of.ts'

const PARAMS = `
whole: 3
part: 0.25
round: 1.0
small: 1.0e-5
huge: 1.0e+16
'on': true
'off': false
nothing:
text: some words
numbers: [10, 20, 30]
net: {name: unet, depth: 4, heads: [{size: 8}]}
`

async function command(template: string, params = PARAMS): Promise<string | undefined> {
  const files = {
    'params.yaml': params,
    'dvc.yaml': `stages: {s: {cmd: ${JSON.stringify(template)}}}`,
  }
  return (await commandsOf(files))['s']?.join('\n')
}

describe('templates', () => {
  it.each([
    ['run ${whole}', 'run 3'],
    ['run ${part}', 'run 0.25'],
    // Numbers are written as Python does, so that commands are those of DVC.
    ['run ${round}', 'run 1.0'],
    ['run ${small}', 'run 1e-05'],
    ['run ${huge}', 'run 1e+16'],
    ['run ${on} ${off}', 'run true false'],
    ['run ${nothing}', 'run None'],
    ['run ${text}', 'run some words'],
    ['${text}', 'some words'],
    ['run ${numbers[1]} ${numbers.2} ${numbers[-1]}', 'run 20 30 30'],
    ['run ${net.name} ${net[depth]} ${net.heads[0].size}', 'run unet 4 8'],
    ['run ${ whole }', 'run 3'],
    ['${whole}${part}x', '30.25x'],
    ['run $whole {whole} $', 'run $whole {whole} $'],
    ['run ${whole', 'run ${whole'],
    // An expression ends in its line, and `$${` is none that is escaped.
    ['run $${whole}', 'run $3'],
    ['run \\${HOME}', 'run ${HOME}'],
    ['run \\${HOME} in ${net.name}', 'run ${HOME} in unet'],
    ['\\${whole} costs ${whole}', '${whole} costs 3'],
  ])('fills in %j', async (template, expected) => {
    expect(await command(template)).toBe(expected)
  })

  it.each([
    ['run ${missing}', 'there is no such value'],
    ['run ${net.missing}', 'there is no such value'],
    ['run ${numbers[9]}', 'there is no such value'],
    ['run ${numbers.first}', 'there is no such value'],
    ['run ${whole.part}', 'there is no such value'],
    ['run ${}', 'is no name of a value'],
    ['run ${net.}', 'is no name of a value'],
    ['run ${net..name}', 'is no name of a value'],
    ['run ${net.name]}', 'is no name of a value'],
    ['run ${numbers.[0}', 'is no name of a value'],
    ['run ${numbers}', 'which is a list, where a text is needed'],
  ])('refuses %j', async (template, problem) => {
    await expect(command(template)).rejects.toMatchObject({
      code: 'DSV_PIPELINE_INVALID',
      message: expect.stringContaining(problem),
      details: { file: 'dvc.yaml', line: 1, stage: 's', key: 'stages.s.cmd' },
    })
  })

  it('guesses which value is meant', async () => {
    await expect(command('run ${net.deph}')).rejects.toMatchObject({
      hint: expect.stringMatching(/^Is \$\{net\.depth\} meant\? /),
    })
    await expect(command('run ${wholes}')).rejects.toMatchObject({
      hint: expect.stringMatching(/^Is \$\{whole\} meant\? /),
    })
  })

  it('does not find what objects inherit', async () => {
    for (const name of ['__proto__', 'constructor', 'toString.name'])
      await expect(command(`run \${${name}}`)).rejects.toMatchObject({
        code: 'DSV_PIPELINE_INVALID',
      })
    expect(await command('run ${__proto__.x}', '{"__proto__": {"x": 5}}')).toBe('run 5')
  })

  it('writes a mapping as options of a command, with texts quoted for the shell', async () => {
    const params = `
options:
  lr: 0.1
  name: "it's"
  path: a/b.txt
  empty: ''
  flag: true
  unset: false
  none:
  sizes: [1, "b c", true]
  nested: {deep: {er: 2.0}}
`
    expect(await command('run ${options} end', params)).toBe(
      `run --lr 0.1 --name 'it'"'"'s' --path a/b.txt --empty '' --flag --none None ` +
        `--sizes 1 'b c' True --nested.deep.er 2.0 end`,
    )
    await expect(command('run ${o}', 'o: {a: [[1]]}')).rejects.toThrow('a is a list of lists')
  })

  it('writes options as the settings of DVC say', async () => {
    const files = {
      '.dvc/config':
        '[core]\n    list = nargs\n[parsing]\n    bool = boolean_optional\n    list = append\n',
      'params.yaml': 'o: {a: false, b: [1, 2]}',
      'dvc.yaml': 'stages: {s: {cmd: "run ${o}"}}',
    }
    expect(await commandsOf(files)).toEqual({ s: ['run --no-a --b 1 --b 2'] })
  })

  it('takes a mapping in commands only', async () => {
    const files = { 'params.yaml': PARAMS, 'dvc.yaml': 'stages: {s: {cmd: a, deps: ["${net}"]}}' }
    expect((await failureOf(files)).message).toContain('stages.s.deps[0] has ${net}')
  })

  it('fills in all of a stage: paths, keys of mappings, options of outputs with their types', async () => {
    const { s } = await stagesOf({
      'params.yaml': 'dir: out\nkeep: true\nname: lr\nn: 7',
      'dvc.yaml': `
stages:
  s:
    desc: number \${n}
    cmd: ["first \${n}", second]
    wdir: \${dir}
    deps: ["in-\${n}.txt", "\${n}"]
    params: ["\${name}.x", {"\${name}.json": ["\${n}"]}]
    outs: [{"\${dir}.bin": {persist: "\${keep}", cache: false}}]
`,
    })
    expect(s).toMatchObject({
      description: 'number 7',
      action: { lines: ['first 7', 'second'], folder: 'out' },
      dependencies: ['out/in-7.txt', 'out/7'],
      parameters: [
        { file: 'out/params.yaml', keys: ['lr.x'] },
        { file: 'out/lr.json', keys: ['7'] },
      ],
      outputs: [{ path: 'out/out.bin', persists: true, isStored: false }],
    })
  })
})

describe('vars', () => {
  const stage = (cmd: string): string => `stages: {s: {cmd: "${cmd}"}}`

  it('come from params.yaml, from files and from the pipeline file, and mappings are joined', async () => {
    const files = {
      'sub/params.yaml': 'net: {depth: 4}',
      'sub/more.json': '{"net": {"width": 8}, "unused": 1}',
      'sub/cfg.toml': '[data]\nroot = "d"',
      'sub/conf.py': 'SEED = 3\nclass Opt:\n    LR = 0.5\n',
      'sub/dvc.yaml': `vars: [params.yaml, more.json, cfg.toml, "conf.py:SEED,Opt", {net: {act: relu}}]\n${stage(
        '${net.depth} ${net.width} ${net.act} ${data.root} ${SEED} ${Opt.LR}',
      )}`,
    }
    expect(await commandsOf(files)).toEqual({ s: ['4 8 relu d 3 0.5'] })
  })

  it.each([
    ['a whole file twice', '[v.yaml, v.yaml]'],
    ['parts of a file one by one', '["v.yaml:a", "v.yaml:b"]'],
    ['parts of a file together', '["v.yaml:a,b"]'],
  ])('may load %s', async (_, vars) => {
    const files = { 'v.yaml': 'a: 1\nb: 2', 'dvc.yaml': `vars: ${vars}\n${stage('${a}${b}')}` }
    expect(await commandsOf(files)).toEqual({ s: ['12'] })
  })

  it.each([
    ['a value twice', '[{a: 1}, {a: 2}]', 'defines a, which is defined already'],
    ['a value of params.yaml', '[{p: {q: 1}}]', 'defines p.q, which is defined already'],
    ['a file that is not there', '[none.yaml]', 'names none.yaml, which is not there'],
    ['a key that is not there', '["v.yaml:c"]', 'names c, which v.yaml does not have'],
    ['a part after the whole', '[v.yaml, "v.yaml:a"]', 'which is loaded already'],
    ['the whole after a part', '["v.yaml:a", v.yaml]', 'of which a part is loaded already'],
    ['a part twice', '["v.yaml:a", "v.yaml:a,b"]', 'loads a of v.yaml, which is loaded already'],
    ['a part of params.yaml', '["params.yaml:p"]', 'which is loaded already'],
    ['a template in a name', '["${a}.yaml"]', 'cannot stand here'],
    ['a template in a value', '[{b: "${a}"}]', 'cannot stand here'],
    ['a file elsewhere', '[../v.yaml]', 'lies outside the repository'],
    ['a number', '[5]', 'is a number, not a mapping or the name of a file'],
  ])('cannot define %s', async (_, vars, problem) => {
    for (const [dvcYaml, key] of [
      [`vars: ${vars}\n${stage('x')}`, 'vars['],
      [`stages: {s: {cmd: x, vars: ${vars}}}`, 'stages.s.vars['],
    ] as const) {
      const files = { 'params.yaml': 'p: {q: 1}', 'v.yaml': 'a: 1\nb: 2', 'dvc.yaml': dvcYaml }
      const { message } = await failureOf(files)
      expect(message).toContain(problem)
      expect(message).toContain(key)
    }
  })

  it('of a stage are its own, and their files lie in the folder it runs in', async () => {
    const files = {
      'params.yaml': 'where: in\nshared: {a: 1}',
      'in/params.yaml': 'shared: {b: 2}',
      'dvc.yaml': `
stages:
  one: {cmd: "\${shared.a} \${shared.b} \${own}", wdir: "\${where}", vars: [params.yaml, {own: 5}]}
  two: {cmd: "\${shared.a}", vars: [{own: 6}]}
`,
    }
    expect(await commandsOf(files)).toEqual({ one: ['1 2 5'], two: ['1'] })
    const other = { ...files, 'dvc.yaml': files['dvc.yaml'].replace('"${shared.a}"', '"${own.x}"') }
    expect((await failureOf(other)).message).toContain('stages.two.cmd')
  })

  it('of a stage may name the file that the pipeline file names, from its folder', async () => {
    const files = {
      'params.yaml': 'a: 1',
      'dvc.yaml':
        'vars: [params.yaml]\nstages: {s: {wdir: d, cmd: "${a}", vars: [../params.yaml]}}',
    }
    expect(await commandsOf(files)).toEqual({ s: ['1'] })
  })
})
