import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { commandSummaries, loadCommand } from '../src/registry.ts'
import { openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox.close())

describe('the command line', () => {
  it.each([
    [['comit'], 'There is no command "comit". Did you mean commit?'],
    [['nonsense'], 'There is no command "nonsense".'],
    [['constructor'], 'There is no command "constructor".'],
    [['__proto__'], 'There is no command "__proto__".'],
    [['status', '--shrt'], 'There is no option --shrt. Did you mean --short?'],
    [['status', '-z'], 'There is no option -z.'],
    [['status', '--__proto__'], 'There is no option --'],
    [['status', 'extra'], '`dsv status` cannot do anything with "extra".'],
    [['status', '--', 'extra'], '`dsv status` cannot do anything with "extra".'],
    [['mv', 'one'], '`dsv mv` needs <from> <to>.'],
    [['op', 'lgo'], 'There is no action "lgo" of `dsv op`. Did you mean log?'],
    [['blame', 'noslash'], '"noslash" is no item: write subset/id.'],
    [['commit', '--author', 'nobody', '-m', 'x'], 'Author "nobody" should be written as'],
    [['-C'], '`-C` needs a folder.'],
  ])('refuses %j with exit code 2', async (argv, message) => {
    await sandbox.dsv('init')
    const { exitCode, out, note } = await sandbox.dsv(...argv)
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' })
    expect(note).toContain(`error: ${message}`)
  })

  it('lists the commands, on standard error when nothing was asked for', async () => {
    const asked = await sandbox.dsv('--help')
    expect(asked.exitCode).toBe(0)
    expect(asked.out).toContain('  commit       Record the stage as a commit\n')
    expect(await sandbox.dsv()).toEqual({ exitCode: 2, out: '', note: asked.out })
  })

  it.each(commandSummaries.map(([name]) => name))(
    'explains dsv %s with an example',
    async (name) => {
      const { exitCode, out, note } = await sandbox.dsv(name, '--help')
      expect({ exitCode, note }).toEqual({ exitCode: 0, note: '' })
      expect(out).toMatch(new RegExp(`^dsv ${name}\\b`, 'u'))
      expect(out).toContain('\nExamples:\n')
      expect(out).not.toMatch(/\[(?:boolean|string|array)\]/u)
      expect((await sandbox.dsv('help', name)).out).toBe(out)
    },
  )

  it('names commands as the registry does', async () => {
    for (const [name] of commandSummaries) expect((await loadCommand(name))?.name).toBe(name)
  })

  it('takes the last of an option that is given twice', async () => {
    await sandbox.dsv('init', '-b', 'one', '-b', 'two')
    expect((await sandbox.dsv('branch', '--show-current')).out).toBe('two\n')
  })

  it('exits with 130 and changes nothing when it was interrupted', async () => {
    await sandbox.dsv('init')
    sandbox.write('a.txt', 'a')
    const signal = AbortSignal.abort(new Error('interrupted'))
    expect(await sandbox.dsvWith({ signal }, 'add', 'a.txt')).toEqual({
      exitCode: 130,
      out: '',
      note: 'Interrupted. The repository is as it was.\n',
    })
    expect((await sandbox.dsv('status', '-s')).out).toBe('?? a.txt\n')
  })
})

describe('dsv completion', () => {
  it.each(['bash', 'zsh', 'fish'])('knows commands and options in %s', async (shell) => {
    const { out } = await sandbox.dsv('completion', shell)
    expect(out).toContain('cherry-pick')
    expect(out).toMatch(/--amend|-l amend/u)
  })

  it('is given branches and tags without loading a command', async () => {
    await sandbox.dsv('init')
    sandbox.write('a.txt', 'a')
    await sandbox.dsv('add', 'a.txt')
    await sandbox.dsv('commit', '-m', 'a')
    await sandbox.dsv('tag', 'v1')
    expect((await sandbox.dsv('--list-refs')).out).toBe('main\nv1\n')
  })
})
