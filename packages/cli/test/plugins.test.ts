import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'

/** The package that the documentation shows. */
const PAGE = readFileSync(
  path.join(import.meta.dirname, '../../../docs/formats/plugins.md'),
  'utf8',
)
const EXAMPLE = /```js\n([\s\S]*?)```/u.exec(PAGE)?.[1] ?? ''

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('data/boxes.lines', 'a.png cat 1 2 3 4.5\nb.png dog 0 0 8 9\n')
})
afterEach(() => sandbox.close())

function install(name: string, code: string, manifest: object = { type: 'module' }): void {
  sandbox.write(`node_modules/${name}/package.json`, JSON.stringify({ name, ...manifest }))
  sandbox.write(`node_modules/${name}/index.js`, code)
}

describe('a format from a package', () => {
  it('is listed, detected, added, changed and converted like any other', async () => {
    install('dsv-format-lines', EXAMPLE)
    await sandbox.dsv('config', 'formats.plugins', 'dsv-format-lines')
    expect((await sandbox.dsv('formats')).out).toMatch(/^lines +One box for each line$/mu)
    expect((await sandbox.dsv('detect', 'data')).out).toMatch(
      /^lines +90 % +boxes\.lines exists$/mu,
    )
    expect(await sandbox.dsv('add', 'data')).toMatchObject({ exitCode: 0 })
    await sandbox.dsv('commit', '-m', 'first')
    sandbox.write('data/boxes.lines', 'a.png cat 1 2 3 4.5\nb.png dog 1 0 8 9\n')
    expect((await sandbox.dsv('diff')).out).toContain('dog')
    const converted = await sandbox.dsv('convert', 'data', 'out', '--to', 'coco')
    expect(converted.out).toBe('Wrote 2 items to out as coco (read as lines).\n')
    const back = await sandbox.dsv('convert', 'out', 'back', '--to', 'lines')
    expect(back.exitCode).toBe(0)
    expect(sandbox.read('back/boxes.lines')).toMatch(/ cat 1 2 3 4\.5\n.* dog 1 0 8 9\n$/u)
  })

  it('is found by its exports, with a scope, beside others', async () => {
    install('@me/lines', EXAMPLE, { type: 'module', exports: { '.': { import: './index.js' } } })
    install('other', EXAMPLE.replace("'lines'", "'other'"))
    await sandbox.dsv('config', 'formats.plugins', '@me/lines, other')
    const { out } = await sandbox.dsv('formats')
    expect(out).toMatch(/^lines /mu)
    expect(out).toMatch(/^other /mu)
  })

  it('that fails while it looks leaves the choice to others', async () => {
    const failing = "detect: async () => { throw new Error('oops') }, was:"
    install('bad', EXAMPLE.replace('detect:', failing))
    await sandbox.dsv('config', 'formats.plugins', 'bad')
    const { out } = await sandbox.dsv('detect', 'data', '--why')
    expect(out).toContain('the plugin bad failed: oops')
  })

  it('that fails while it reads is named, not taken for a bug of dsv', async () => {
    install('bad', EXAMPLE.replace('const rows =', "throw new TypeError('oops'); const rows ="))
    await sandbox.dsv('config', 'formats.plugins', 'bad')
    const { exitCode, note } = await sandbox.dsv('convert', 'data', 'out', '--to', 'coco')
    expect(exitCode).toBe(1)
    expect(note).toContain('The format plugin bad failed: oops')
  })

  it('has to be installed', async () => {
    await sandbox.dsv('config', 'formats.plugins', 'absent')
    const { exitCode, note } = await sandbox.dsv('formats')
    expect(exitCode).toBe(1)
    expect(note).toMatch(/The format plugin absent is not in \S+node_modules\/absent\n/u)
    expect(note).toContain('DSV_PLUGIN_NOT_FOUND')
    expect((await sandbox.dsv('status')).exitCode).toBe(0)
  })

  it.each([
    ['has no default export', 'export const a = 1', 'its default export is no object'],
    ['has no name', 'export default { format: {} }', '`format.name` is not in kebab-case'],
    ['cannot read', EXAMPLE.replace('read:', 'reed:'), '`read` is no function'],
    ['has the name of another', EXAMPLE.replace("'lines'", "'coco'"), 'calls its format coco'],
    [
      'has the alias of another',
      EXAMPLE.replace("'lines'", "'pascal-voc'"),
      'calls its format pascal',
    ],
    ['throws', 'throw new Error("broken")', 'cannot be loaded: broken'],
  ])('that %s is refused', async (_, code, problem) => {
    install('bad', code)
    await sandbox.dsv('config', 'formats.plugins', 'bad')
    const { exitCode, note } = await sandbox.dsv('formats')
    expect(exitCode).toBe(1)
    expect(note).toContain(problem)
    expect(note).toContain('DSV_PLUGIN_INVALID')
  })

  it.each(['../evil', '/evil', 'a/../../evil', '@a/b/c', '.hidden'])(
    'is no path: %s',
    async (name) => {
      await sandbox.dsv('config', 'formats.plugins', name)
      expect((await sandbox.dsv('formats')).note).toContain('is no name of a package')
    },
  )

  it('does not lead out of its package', async () => {
    install('bad', EXAMPLE, { type: 'module', main: '../other.js' })
    sandbox.write('node_modules/other.js', EXAMPLE)
    await sandbox.dsv('config', 'formats.plugins', 'bad')
    expect((await sandbox.dsv('formats')).note).toContain('has no file ../other.js')
  })
})
